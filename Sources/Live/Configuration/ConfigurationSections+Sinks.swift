// SPDX-License-Identifier: Apache-2.0
// A table: every option of the sinks, and of the routes to them.

extension ConfigurationSections {
    package static let sinks = [
        SectionDeclaration(
            name: "stdout", summary: "Standard output",
            options: [
                OptionDeclaration(
                    "format", .choice(StandardOutputForm.allCases.map(\.rawValue)),
                    default: "auto",
                    "A JSON object a line, or some lines for people; `auto`: these on a terminal")
            ]),
        file, webhook, alertmanager, mail,
    ]

    private static let file = SectionDeclaration(
        name: "file", summary: "A file of JSON lines that has each alert exactly once",
        options: [
            OptionDeclaration("path", .path, isRequired: true, "The file"),
            OptionDeclaration(
                "rotate_size", .size(),
                "The length at which the file gets a number into its name and a new one is begun"),
            OptionDeclaration(
                "rotate_every", .duration,
                "The span after which that is done, counted from midnight UTC for one of days"),
            OptionDeclaration(
                "keep", .integer(1...100_000), "Files with numbers that are kept; all otherwise"),
            OptionDeclaration(
                "sync", .choice(["always", "interval", "never"]), default: "interval",
                "When what was written is there for good, whatever happens to the machine"),
        ])

    private static let webhook = SectionDeclaration(
        name: "webhook", summary: "An HTTP request for each alert",
        options: [
            OptionDeclaration(
                "url", .secret, "Where to; with `preset: pagerduty` that of PagerDuty otherwise"),
            OptionDeclaration("url_file", .path, "A file with the URL"),
            OptionDeclaration(
                "preset", .choice(WebhookOptions.Preset.allCases.map(\.rawValue)), default: "json",
                "The body: the alert as it is, or what a service expects"),
            OptionDeclaration(
                "template", .text, "A Mustache template of the body, in the place of a preset"),
            OptionDeclaration("template_file", .path, "A file with the template"),
            OptionDeclaration(
                "content_type", .text, default: "application/json", "The type of the body"),
            OptionDeclaration("method", .choice(["POST", "PUT"]), default: "POST", "The method"),
            OptionDeclaration("headers", .namedTexts, "Further headers of each request"),
            OptionDeclaration(
                "routing_key", .secret, "With `preset: pagerduty`: the key of the integration"),
            OptionDeclaration("routing_key_file", .path, "A file with that key"),
            OptionDeclaration(
                "signing_secret", .secret,
                "The key with which requests are signed, in the header `Martlet-Signature`"),
            OptionDeclaration("signing_secret_file", .path, "A file with that key"),
            OptionDeclaration(
                "batch", .integer(1...1000), default: "1",
                "Alerts that may go in one request, as a JSON array"),
            trust,
        ] + delivery)

    private static let alertmanager = SectionDeclaration(
        name: "alertmanager", summary: "Prometheus Alertmanager, by version 2 of its API",
        options: [
            OptionDeclaration("url", .secret, "Its address, such as `http://127.0.0.1:9093`"),
            OptionDeclaration("url_file", .path, "A file with the address"),
            OptionDeclaration(
                "repost_every", .duration, default: "1m",
                "How often alerts that are open are sent again"),
            OptionDeclaration(
                "resolve_after", .duration, default: "5m",
                "How long an alert of a rule without `resolve on` is open"),
            OptionDeclaration(
                "generator_url", .text, "The link of each alert; `{rule}` and `{id}` are put in"),
            OptionDeclaration("headers", .namedTexts, "Further headers of each request"),
            trust,
        ] + delivery)

    private static let mail = SectionDeclaration(
        name: "smtp", summary: "A mail for each alert",
        options: [
            OptionDeclaration("host", .text, isRequired: true, "The mail server"),
            OptionDeclaration("port", .integer(1...65535), default: "587", "Its port"),
            OptionDeclaration(
                "encryption", .choice(MailOptions.Encryption.allCases.map(\.rawValue)),
                default: "starttls", "How the connection is encrypted"),
            OptionDeclaration("user", .text, "Who signs in; nobody otherwise"),
            OptionDeclaration("password", .secret, "The password"),
            OptionDeclaration("password_file", .path, "A file with the password"),
            OptionDeclaration("from", .text, isRequired: true, "The sender's address"),
            OptionDeclaration("to", .texts, isRequired: true, "The addresses of the recipients"),
            OptionDeclaration("subject", .text, "A Mustache template of the subject"),
            OptionDeclaration("template", .text, "A Mustache template of the text"),
            OptionDeclaration("template_file", .path, "A file with that template"),
            trust,
        ] + delivery)

    private static let trust = OptionDeclaration(
        "ca_file", .path, "Certificates (PEM) that are trusted beside the system's")

    /// What every sink on the network may say.
    private static let delivery = [
        OptionDeclaration("timeout", .duration, default: "10s", "How long an attempt may take"),
        OptionDeclaration(
            "retry", .duration, default: "1s",
            "The wait after a failure; each further one in a row doubles it"),
        OptionDeclaration(
            "breaker", .integer(1...1000), default: "5",
            "Failures in a row after which it is tried once in `probe_every` only"),
        OptionDeclaration(
            "probe_every", .duration, default: "1m", "The longest wait between two attempts"),
        OptionDeclaration(
            "give_up_after", .duration, default: "1d",
            "How long an alert may wait until it goes to the sink's dead letters; `0s`: for ever"),
    ]

    package static let route = SectionDeclaration(
        name: "routes",
        summary: """
            Under `routes` is a list: the first route whose condition holds says which sinks get \
            the alert.
            An alert that no route takes goes nowhere, and is counted; without `routes` every sink \
            gets
            every alert
            """,
        options: [
            OptionDeclaration(
                "if", .text,
                "A condition over the alert, in the words of rules; every alert otherwise"),
            OptionDeclaration("to", .texts, isRequired: true, "The sinks"),
            OptionDeclaration(
                "continue", .boolean, default: "false", "Whether the routes below are asked too"),
        ])
}
