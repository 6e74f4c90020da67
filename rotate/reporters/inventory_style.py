"""How the page of an inventory looks, by day and by night, and on paper."""

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --line: #d9dee3; --page: #fff; --well: #1f883d;
  --high: #c2242f; --medium: #9a6700; --low: #0969da; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4ae; --line: #343b43; --page: #0d1117;
  --well: #3fb950; --high: #ff7b72; --medium: #d29922; --low: #58a6ff; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 24px; }
h1 { font-size: 26px; margin: 0; } h2 { font-size: 18px; margin: 28px 0 8px; }
header p, em, small, .legend { color: var(--soft); } em { font-style: normal; }
small { display: block; font-size: 12.5px; overflow-wrap: anywhere; }
ul { padding-left: 18px; margin: 0; } .findings { list-style: none; padding: 0; } .findings li { margin: 6px 0; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-size: 12.5px; color: var(--soft); font-weight: 600; vertical-align: bottom; }
td { vertical-align: top; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
th, td { padding: 8px 12px 8px 0; } td p { margin: 0 0 4px; font-size: 13px; }
td:first-child, td:last-child { min-width: 210px; }
svg { display: block; } .axis { font: 11px system-ui, sans-serif; fill: var(--soft); } .grid { stroke: var(--line); }
.badge { display: inline-block; border: 1px solid; border-radius: 9px; padding: 0 7px; font-size: 12px;
  font-weight: 600; white-space: nowrap; }
.high { color: var(--high); } .medium { color: var(--medium); } .low { color: var(--low); }
.well { color: var(--well); }
.life, .used { stroke: currentColor; fill: none; stroke-linecap: round; } .life { stroke-width: 3; opacity: .3; }
.used { stroke-width: 5; } .dot { fill: currentColor; }
.hollow { fill: var(--page); stroke: currentColor; stroke-width: 2; }
@media print { main { max-width: none; padding: 0; } tr { break-inside: avoid; } }
"""
