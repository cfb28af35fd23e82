// SPDX-License-Identifier: Apache-2.0
// A table: what begins a declaration or a clause, in a sentence. CompletionTests compare it with
// the words that there are.

enum KeywordTexts {
    static let sentences = [
        "event": "An event type: its fields, where it comes from, and which events are of it.",
        "table": "A watchlist or a lookup, written out or read from a file.",
        "let": "A constant.",
        "rule": "A pattern over events, and what becomes of its matches.",
        "test": "Cases that say which alerts come of which events.",
        "severity": "How much an alert matters; `medium` where nothing is said.",
        "tags": "Texts that every alert of the rule carries.",
        "labels": "Values that every alert carries beside its fields.",
        "disabled": "The rule is checked and not run.",
        "by": "The key: the rule runs apart for each value of these fields.",
        "keys": "A table of keys to watch from the start.",
        "when": "The pattern: a sequence of events, or a window over them.",
        "having": "A condition on the finished match or window.",
        "reset": "An event that ends every attempt under way.",
        "skip": "Which attempts end with a match; `past last` where nothing is said.",
        "attempts": "Whether all attempts go on that wait alike, or the latest only.",
        "suppress": "Lets one alert through and counts the others of its key for a time.",
        "limit": "At most so many alerts in a time.",
        "resolve": "Keeps an alert open until an event resolves it.",
        "except": "Drops matches for which a condition holds, and counts them.",
        "alert": "The title of the alert, and its fields.",
        "emit": "Events for other rules instead of alerts.",
    ]
}
