// SPDX-License-Identifier: Apache-2.0

/// How every page looks, by day and by night.
///
/// Colours are named once for each scheme; texts have a contrast of 4.5 to 1 at least with what is
/// behind them, marks and bars 3 to 1 (WCAG 2.2).
package enum PageStyle {
    package static let text =
        [colours, frame, tables, plots, marks, parts, code, DrawingStyle.text].joined(
            separator: "\n")

    /// Also for drawings that are files of their own.
    package static let colours = """
        :root {
          color-scheme: light dark;
          --paper: #fff; --raised: #f5f6f8; --rule: #dde1e6; --ink: #1b1f24; --quiet: #57606a;
          --accent: #0a58b5; --strong: #8c959f;
          --info: #7a8694; --low: #3b82c4; --medium: #b58500; --high: #d4610c; --critical: #b3202a;
          --series-1: #2f6fb3; --series-2: #b8620e; --series-3: #2d8659; --series-4: #8a4fa3;
          --series-5: #b03a5b; --series-6: #6b7280;
          --good-tint: #e5f4e6; --fair-tint: #fdf2cf; --bad-tint: #fbe4e1;
          --good: #1e6b2e; --fair: #7a5600; --bad: #a3201b;
          --name: #6639a6; --word: #0a4d9b; --text: #1e6b2e; --number: #954800;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #14171a; --raised: #1d2125; --rule: #343a41; --ink: #e4e7eb; --quiet: #9aa5b1;
            --accent: #84b6f4; --strong: #6b7683;
            --info: #8a96a3; --low: #62a6e8; --medium: #d9ac2b; --high: #f08a3c;
              --critical: #f4636d;
            --series-1: #62a6e8; --series-2: #f0a04b; --series-3: #5cc08c; --series-4: #c08fdb;
            --series-5: #ef7f9d; --series-6: #9aa5b1;
            --good-tint: #16301d; --fair-tint: #352c12; --bad-tint: #3d1d1f;
            --good: #7fd492; --fair: #e5c060; --bad: #ff938c;
            --name: #c9a7f5; --word: #8fbdf7; --text: #8fd19e; --number: #f0aa6a;
          }
        }
        """

    private static let frame = """
        * { box-sizing: border-box; }
        html { background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%; }
        body {
          font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue",
            "Noto Sans",
            "Liberation Sans", Arial, sans-serif;
          margin: 0 auto; max-width: 1180px; padding: clamp(1.25rem, 4vw, 3.25rem);
        }
        code, pre, .mono {
          font-family: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas,
            "DejaVu Sans Mono", "Liberation Mono", monospace;
          font-size: 0.9em; unicode-bidi: isolate;
        }
        code { overflow-wrap: anywhere; }
        a { color: var(--accent); text-underline-offset: 0.2em; text-decoration-thickness: 1px; }
        a:hover { text-decoration-thickness: 2px; }
        nav a { text-decoration: none; }
        nav a:hover { text-decoration: underline; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px;
          border-radius: 3px; }
        .quiet { color: var(--quiet); }
        header .kind {
          color: var(--quiet); font-size: 0.8rem; font-weight: 600; letter-spacing: 0.06em;
          margin: 0 0 0.35rem; text-transform: uppercase;
        }
        h1 { font-size: clamp(1.6rem, 4vw, 2.15rem); letter-spacing: -0.02em; line-height: 1.2;
          margin: 0 0 0.5rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.25rem; letter-spacing: -0.01em; line-height: 1.3; margin: 0 0 1rem; }
        h3 { font-size: 1rem; line-height: 1.4; margin: 1.75rem 0 0.6rem; }
        h2, h3 { overflow-wrap: anywhere; }
        p { margin: 0 0 0.9rem; max-width: 46rem; }
        section { margin-top: 3rem; scroll-margin-top: 1rem; }
        article { border-top: 1px solid var(--rule); margin-top: 2rem; padding-top: 1.5rem;
          scroll-margin-top: 1rem; }
        nav ul { border-bottom: 1px solid var(--rule); display: flex; flex-wrap: wrap;
          gap: 0.25rem 1.4rem; list-style: none; margin: 1.5rem 0 0; padding: 0 0 0.75rem; }
        footer { border-top: 1px solid var(--rule); color: var(--quiet); font-size: 0.85rem;
          margin-top: 3.5rem; padding-top: 1rem; }
        @media print {
          nav { display: none; }
          details::details-content { content-visibility: visible; }
        }
        """

    private static let tables = """
        .scroll { margin: 0 0 1rem; overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; min-width: 100%; }
        th, td { border-bottom: 1px solid var(--rule); padding: 0.45rem 1.25rem 0.45rem 0;
          text-align: left; vertical-align: baseline; }
        th:last-child, td:last-child { padding-right: 0.25rem; }
        thead th { border-bottom-color: var(--strong); color: var(--quiet); font-size: 0.82rem;
          font-weight: 500; white-space: nowrap; }
        tbody th { font-weight: 500; }
        .number { text-align: right; white-space: nowrap; }
        td.number { font-variant-numeric: tabular-nums; }
        """

    private static let plots = """
        figure { margin: 0 0 1.5rem; }
        figcaption { color: var(--quiet); font-size: 0.85rem; margin-top: 0.35rem; }
        .plot-area { padding: 10px 4px 28px 3.6rem; }
        .plot-area svg, .strip svg { display: block; overflow: visible; }
        .plot .mark { fill: var(--quiet); font-size: 12px; font-variant-numeric: tabular-nums; }
        .plot .grid { stroke: var(--rule); stroke-dasharray: 2 3; }
        .plot .axis { stroke: var(--strong); }
        .plot g:hover rect { opacity: 0.75; }
        .legend { display: flex; flex-wrap: wrap; font-size: 0.88rem; gap: 0.2rem 1.25rem;
          list-style: none; margin: 0 0 0.5rem; padding: 0; }
        .legend li::before, .severity::before { background: currentColor; border-radius: 2px;
          content: ""; display: inline-block; height: 0.66em; margin-right: 0.45em; width: 0.66em; }
        .severity, .unbroken { white-space: nowrap; }
        @media (max-width: 640px) {
          .plot .odd { display: none; }
          .plot-area { padding-left: 2.8rem; }
        }
        """

    /// The classes that give their colour to shapes and to the squares before words.
    private static let marks: String = {
        let names =
            SeverityMark.names.map { ($0, "severity-\($0)") }
            + (1...6).map { ("series-\($0)", "series-\($0)") }
        return names.map { colour, style in
            "rect.\(style), path.\(style), circle.\(style) { fill: var(--\(colour)); }\n"
                + ".\(style)::before { color: var(--\(colour)); }"
        }.joined(separator: "\n")
    }()

    private static let parts = """
        .figures { display: flex; flex-wrap: wrap; gap: 1px; background: var(--rule);
          border: 1px solid var(--rule); border-radius: 8px; margin: 1.5rem 0 0; overflow: hidden; }
        .figures div { background: var(--paper); display: flex; flex-direction: column-reverse;
          flex: 1 1 8.5rem; justify-content: flex-end; padding: 0.8rem 1rem; }
        .figures dt { color: var(--quiet); font-size: 0.82rem; line-height: 1.35; }
        .figures dd { font-size: 1.45rem; font-variant-numeric: tabular-nums; font-weight: 600;
          letter-spacing: -0.01em; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
        .figures .bad dd { color: var(--bad); }
        details > summary { cursor: pointer; padding: 0.4rem 0; }
        .numbers { font-size: 0.88rem; margin-top: 0.25rem; }
        .numbers summary { color: var(--accent); }
        .match { border-bottom: 1px solid var(--rule); }
        .match > summary { display: flex; flex-wrap: wrap; gap: 0.1rem 0.9rem;
          align-items: baseline; list-style: none; padding: 0.55rem 0.25rem 0.55rem 1.4rem;
          position: relative; }
        .match > summary::-webkit-details-marker { display: none; }
        .match > summary::before { border: solid var(--quiet); border-width: 0 1.5px 1.5px 0;
          content: ""; height: 6px; left: 0.3rem; position: absolute; top: 1.15em;
          transform: translateY(-3px) rotate(-45deg); width: 6px; }
        .match[open] > summary::before { transform: translateY(-4px) rotate(45deg); }
        .match > summary:hover { background: var(--raised); }
        .match > summary time { color: var(--quiet); font-variant-numeric: tabular-nums;
          white-space: nowrap; }
        .match > summary strong { flex: 1 1 18rem; font-weight: 500; overflow-wrap: anywhere; }
        .match-body { padding: 0.25rem 0 1.1rem 1.4rem; }
        .part small { color: var(--quiet); font-weight: 400; white-space: nowrap; }
        .warning { border-left: 3px solid var(--bad); color: var(--bad); padding-left: 0.75rem; }
        .silent, .silent a { color: var(--quiet); }
        .spark { border-bottom: 1px solid var(--rule); display: inline-block; height: 20px;
          vertical-align: -3px; width: 150px; }
        td a code, th a code { white-space: nowrap; }
        td a, th a { text-decoration: none; }
        td a:hover, th a:hover { text-decoration: underline; }
        tbody th { min-width: 8rem; }
        h3 .severity { font-size: 0.85rem; font-weight: 400; margin-left: 0.5rem; }
        h3 code { font-size: 1.1rem; }
        article h3 { margin-top: 0; }
        .source > summary { color: var(--accent); font-size: 0.9rem; margin-bottom: 0.5rem; }
        .source-body { align-items: start; display: grid; gap: 1.25rem;
          grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr));
          margin-bottom: 1rem; }
        .source-body > * { min-width: 0; }
        .more { margin-top: 0.75rem; }
        .lines tbody th { min-width: 0; }
        .run tbody th { color: var(--quiet); font-weight: 400; white-space: nowrap; width: 1%; }
        .strip { margin: 0.5rem 6px 0.75rem; }
        .strip line { stroke: var(--strong); stroke-width: 2; }
        .strip circle { fill: var(--accent); stroke: var(--paper); stroke-width: 1.5; }
        .timeline { display: grid; list-style: none; margin: 0; padding: 0;
          grid-template-columns: max-content max-content max-content minmax(0, 1fr); }
        .timeline li { border-top: 1px solid var(--rule); column-gap: 1.1rem; display: grid;
          grid-column: 1 / -1; grid-template-columns: subgrid; padding: 0.4rem 0; }
        .timeline time, .timeline .offset { color: var(--quiet);
          font-variant-numeric: tabular-nums; }
        .timeline .part { font-weight: 600; }
        .fields b, .fields a { margin-right: 0.75em; }
        .field { margin-right: 0.75em; }
        .field i, .pairs i { color: var(--quiet); font-style: normal; margin-right: 0.4em; }
        .fields, .pairs { overflow-wrap: anywhere; }
        .pairs { display: flex; flex-wrap: wrap; gap: 0.15rem 1.25rem; list-style: none;
          margin: 0 0 0.6rem; padding: 0; }
        @media (max-width: 640px) {
          .timeline { display: block; }
          .timeline li { display: flex; flex-wrap: wrap; }
          .timeline .fields { flex-basis: 100%; }
          .part small { white-space: normal; }
          .match-body, .match > summary { padding-left: 1.1rem; }
          .match > summary::before { left: 0.1rem; }
        }
        """

    private static let code = """
        pre { background: var(--raised); border-radius: 8px; line-height: 1.5; margin: 0 0 1rem;
          overflow-x: auto; padding: 0.9rem 1.1rem; }
        td pre { background: none; margin: 0; overflow: visible; padding: 0; }
        pre .name { color: var(--name); } pre .word { color: var(--word); font-weight: 600; }
        pre .text { color: var(--text); } pre .figure { color: var(--number); }
        pre .comment { color: var(--quiet); font-style: italic; }
        .drawing { overflow-x: auto; }
        .whole { background: var(--good-tint); } .part-reached { background: var(--fair-tint); }
        .nothing { background: var(--bad-tint); }
        .whole .sign { color: var(--good); } .part-reached .sign { color: var(--fair); }
        .nothing .sign { color: var(--bad); } .sign { font-weight: 700; }
        .lines td, .lines th { border-bottom: 0; padding-bottom: 0.12rem; padding-top: 0.12rem; }
        .lines tbody th { color: var(--quiet); font-weight: 400; padding-left: 0.6rem; }
        .lines th:first-child, .lines td:nth-child(2) { width: 1%; }
        .lines th:last-child, .lines td:last-child { width: 34%; }
        """
}
