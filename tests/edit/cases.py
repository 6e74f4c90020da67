"""Files with a key in each form that people write it in, and what else stands in such files."""

from __future__ import annotations

from rotate.edit.formats import slots
from rotate.edit.slot import Slot
from rotate.edit.where import path_of

KEY, NEW = "napi_old0old0old0", "napi_new1new1new1"

# Of each format: a file, and the place of the key in it.
FILES: list[tuple[str, str, str]] = [
    ("dotenv", f"A=1\nNEON_API_KEY={KEY}\n", "NEON_API_KEY"),
    ("dotenv", f"\ufeff# é\r\nexport NEON_API_KEY='{KEY}' # why\r\nB=\"x\ny\"\r\n", "NEON_API_KEY"),
    ("dotenv", f'#NEON_API_KEY={KEY}\nNEON_API_KEY = "{KEY}"', "NEON_API_KEY"),
    ("dotenv", f"junk\nNEON_API_KEY: {KEY}   # c\nX=`a b`\nY=a#b\nZ=", "NEON_API_KEY"),
    ("shell", f"#!/bin/sh\n# NEON_API_KEY={KEY}\nexport NEON_API_KEY={KEY} # it's\n", "NEON_API_KEY"),
    ("shell", f"cat <<-'E O'\n\tNEON_API_KEY={KEY}\n\tE O\nNEON_API_KEY=\"{KEY}\" run | x\n", "NEON_API_KEY"),
    ("shell", f"echo 'a\nNEON_API_KEY={KEY}\n'; if x; then local NEON_API_KEY=$'{KEY}'; fi", "NEON_API_KEY"),
    ("shell", f"(( a << 2 ))\narr=(a 'b' $(c \"d)\"))\nP+=x\nset -gx NEON_API_KEY '{KEY}'\n", "NEON_API_KEY"),
    (
        "shell",
        f"a \\\n  b=1 >&2 2>/dev/null <<<x\r\nNEON_API_KEY={KEY} \\\r\n  cmd `x` ${{y:-'}}'}} $(z {{a,b}} $)\n",
        "NEON_API_KEY",
    ),
    ("powershell", f'# $env:NEON_API_KEY = "{KEY}"\n$env:NEON_API_KEY = "{KEY}" # c\n', "NEON_API_KEY"),
    ("powershell", f'<# $env:A = "x" #>$x = @"\n$env:A="x"\n"@\n${{env:NEON_API_KEY}}=\'{KEY}\'; a', "NEON_API_KEY"),
    ("tfvars", f'a = 1 # c\nneon_api_key = "{KEY}" // c\n/* neon_api_key = "x" */\n', "neon_api_key"),
    ("tfvars", f'o = {{\n  "k" : "{KEY}", l = [true, -1.5,\n"x"]\n}}\nh = <<-E\n  o = "x"\n  E\n', "o.k"),
    ("yaml", f"# c\nneon:\n  apiKey: {KEY} # c\n  other: 'x'\n", "neon.apiKey"),
    ("yaml", f'\ufeffa: [1, {{k: "{KEY}"}}]\r\nb: é\r\n', "a[1].k"),
    ("yaml", f"a: &k !!str # c\n  '{KEY}'\nb: *k\n<<: *k\n? [x]\n: y\n", "a"),
    ("yaml", f"---\na: |-\n  {KEY}\n...\n---\nb: >\n  x\n\n", "a"),
    (
        "yaml",
        f"services:\n  app:\n    environment:\n    - X=1\n    - NEON_API_KEY={KEY}\n    - Z\n",
        "services.app.environment.NEON_API_KEY",
    ),
    (
        "yaml",
        f"services:\n  app:\n    environment:\n      NEON_API_KEY: {KEY}\n",
        "services.app.environment.NEON_API_KEY",
    ),
    ("yaml", f"a: {KEY}\nb: !Join ['', [x]]\nc: !Ref d\ne: !vault |\n  x\nf: 12\ng: 2020-01-01\n", "a"),
    ("yaml", f"headers: {{Authorization: Bearer {KEY}}}\n", "headers.Authorization"),
    ("json", f'{{"mcpServers": {{"Neon": {{"args": ["-y", "{KEY}"]}}}}}}', "mcpServers.Neon.args[1]"),
    ("json", f'\ufeff// "a": 1\r\n{{"a": "é\\n", /* "k": "x" */ "k": "{KEY}",}}\r\n', "k"),
    ("json", f'[{{"k": "{KEY}"}}, 1.5e-3, true, null, {{}}, [], "\\ud83d\\ude00"]', "[0].k"),
    ("toml", f'# k = "x"\nk = "{KEY}" # c\n[a]\nk = "x"\n', "k"),
    ("toml", f"[[a.b]]\nk = 'x'\n[[a.b]]\nk = '{KEY}'\n[a.b.c]\n\"q.r\" = 1979-05-27 07:32:00\n", "a.b.1.k"),
    ("toml", f'a.b = {{ k = """\n{KEY}""", l = [ "x", # c\n 1 ] }}\nm = \'\'\'a\'b\'\'\'', "a.b.k"),
    ("ini", f"[neon]\n; k = x\nk = {KEY} ; c\nm = a\n  b\n", "neon.k"),
    ("ini", f'top = 1\r\n[a.b]\r\n\tk: "{KEY}" # c\r\n\to = %(k)s\r\nnothing\r\n', "a.b.k"),
    ("pairs", f"//registry.example/:_authToken={KEY}\n[x]\na = ${{B}}\n", r"//registry.example/:_authToken"),
    ("properties", f"! c\n# c\nneon.api.key={KEY}\nx : y\\\n   z\n", "neon.api.key"),
    ("properties", f"a\\ b\\:c   {KEY}\r\nu=\\u00e9\\t", "a b:c"),
]

# What is no file of its format.
BROKEN: list[tuple[str, bytes]] = [
    *[(form, b"a\0b") for form in ("dotenv", "yaml", "properties")],
    *[(form, b"a=\xff") for form in ("dotenv", "json", "toml", "shell", "ini")],
    ("nothing", b""),
    ("dotenv", b"A='x"),
    ("dotenv", b'A="x"y'),
    ("shell", b"A='x"),
    ("shell", b'A="x'),
    ("shell", b"A=`x"),
    ("shell", b"A=$(x"),
    ("shell", b'A=$("x)'),
    ("shell", b"A=$(`x)"),
    ("shell", b"cat <<E\nx\n"),
    ("shell", b"A=" + b"$((" * 200),
    ("powershell", b"$a = 'x"),
    ("powershell", b"<# x"),
    ("powershell", b'$a = @"\nx'),
    ("tfvars", b"a { }"),
    ("tfvars", b"a = b"),
    ("tfvars", b'a = "x" + "y"'),
    ("tfvars", b'a = "x'),
    ("tfvars", b'a = "${x'),
    ("tfvars", b'a = ["x" "y"]'),
    ("tfvars", b"a = " + b"[" * 200),
    ("tfvars", b'a = "' + b'${"' * 200),
    ("yaml", b"a: b: c"),
    ("yaml", b"a: [x"),
    ("yaml", b"- " * 200),
    ("yaml", b"a: \x07"),
    ("yaml", b'a: "\\UFFFFFFFF"'),
    ("yaml", b"a: @x"),
    ("json", b""),
    ("json", b'{"a": "x"'),
    ("json", b'{"a": "x" "b": 1}'),
    ("json", b"{'a': 1}"),
    ("json", b'{"a": 01}'),
    ("json", b'"a" b'),
    ("json", b"[" * 200),
    ("json", b'["\n"]'),
    ("toml", b"a = "),
    ("toml", b"a = 1\na = 2"),
    ("toml", b'a = "\\q"'),
    ("toml", b"a = [1 2]"),
    ("toml", b'a = ["x" "y"]'),
    ("toml", b"a = " + b"[" * 200),
    ("toml", b"a." * 200 + b"b = 1"),
    ("toml", b"[a"),
    ("ini", b"[a"),
    ("properties", b"a=\\u12"),
]


def slot_at(data: bytes, form: str, where: str) -> Slot:
    """Give the one value at a place."""
    (found,) = [one for one in slots(data, form) if one.path == path_of(where)]
    return found
