"""One value of a file is replaced, and every other byte stays: by format, what people write there."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from rotate.edit.formats import format_of, replaced, slots
from rotate.edit.where import path_of
from rotate.errors import Refused

NEW = "napi_new_0123456789"
# Format, place, the file with `OLD` where the old value stands, and how the new one is written there.
SPOTS: list[tuple[str, str, str, str]] = [
    ("dotenv", "KEY", "A=1\nKEY=OLD\nB=2\n", NEW),
    ("dotenv", "KEY", "\ufeffKEY=OLD # Neon\r\nB='x'\r\n", NEW),
    ("dotenv", "KEY", '# KEY=OLD of last year\nexport KEY = "OLD" # KEY=OLD\n', NEW),
    ("dotenv", "KEY", "KEY='OLD'", NEW),
    ("dotenv", "KEY", 'A="two\nlines KEY=x"\nKEY=`OLD`\nnot an assignment\n', NEW),
    ("dotenv", "KEY", 'KEY: OLD\nA="\\$5 \\n"\n', NEW),
    ("dotenv", "neon.key", "neon.key=OLD\n", NEW),
    ("shell", "KEY", "# export KEY=OLD\nexport KEY=OLD; echo KEY=x\n", NEW),
    ("shell", "KEY", "if [ -z \"$A\" ]; then\n  export KEY='OLD'\nfi\n", NEW),
    ("shell", "KEY", 'cat <<-EOF >/dev/null\n\tKEY=x\n\tEOF\nKEY="OLD" run KEY=x\n', NEW),
    ("shell", "KEY", "A=(KEY=x y)\nB=$(KEY=y; echo \"$(x)\")\nC=`KEY=z`\nKEY=$'OLD'\n", NEW),
    ("shell", "KEY", "export A=\\\n1 KEY=OLD\r\nfoo >out 2>&1 </dev/null <<<KEY=x\n", NEW),
    ("shell", "KEY", "\x0c\nA=\x0bx\rKEY\nKEY=OLD\n", NEW),
    ("shell", "KEY", "set -gx KEY OLD\nset -g OTHER x\n", NEW),
    ("shell", "KEY", 'set --export KEY "OLD"\n(( x = 1 ))\n${A:-"KEY=x\'"}\n', NEW),
    ("powershell", "KEY", "# $env:KEY = 'x'\n<# $env:KEY = 'y' #>\n$Env:KEY = 'OLD'\n", NEW),
    ("powershell", "KEY", "$x = @\"\n$env:KEY = 'x'\n\"@\n${env:KEY} = \"OLD\"; $env:A = Get-It\nfoo 'a''b'\n", NEW),
    ("tfvars", "neon_api_key", 'a = "x" # neon_api_key = "OLD"\nneon_api_key = "OLD" // b\n/* c */ n = -1.5e3\n', NEW),
    ("tfvars", "keys.neon", 'keys = {\n  "other" = "x"\n  neon : "OLD"\n}\ndoc = <<-EOT\n  keys = "x"\n  EOT\n', NEW),
    ("tfvars", "keys[1]", 'keys = ["a", "OLD", # c\n  true,]\nx = "$${a} %%{b} \\u00e9 \\"q\\""\n', NEW),
    ("json", "mcpServers.Neon.args[1]", '{"mcpServers": {"Neon": {"args": ["-y", "OLD"]}}}', NEW),
    (
        "json",
        "a.b",
        '\ufeff{\r\n  // "b": "OLD"\r\n  "a": {"b": "OLD",},\r\n  /* x */ "c": [1, null, -2.5e1],\r\n}\r\n',
        NEW,
    ),
    ("json", "a", '{"a":"OLD","b":"\\u00e9\\n","a2":{}}', NEW),
    ("json", "a\\.b", '{"a.b": "OLD", "a": {"b": "x"}}', NEW),
    ("yaml", "neon.apiKey", "# apiKey: OLD\nneon:\n  apiKey: OLD  # note\n  other: &a x\nlist: [*a]\n", NEW),
    ("yaml", "neon.apiKey", 'neon: {other: 1, apiKey: "OLD"}\n', NEW),
    ("yaml", "a", "b: 'é'\r\na: 'OLD'\r\n---\nc: 1\n", NEW),
    (
        "yaml",
        "services.web.environment.KEY",
        "services:\n  web:\n    environment:\n      - A=1\n      - KEY=OLD\n",
        NEW,
    ),
    ("yaml", "services.web.environment.KEY", "services: {web: {environment: {KEY: OLD}}}\n", NEW),
    ("yaml", "a", "a: |\n  OLD\nb: 1\n", NEW),
    ("yaml", "a", "a: >-\n  OLD\n\nb: |\n  x\n  y\n", NEW),
    ("yaml", "a", "a: &name !!str OLD\nb: 2026-01-01\nc: true\n", NEW),
    ("yaml", "env[0].value", "env:\n  - name: KEY\n    value: OLD\n  - name: B\n    value: 1\n", NEW),
    (
        "toml",
        "mcp_servers.Neon.http_headers.Authorization",
        '[mcp_servers.Neon.http_headers]\nAuthorization = "OLD"\n',
        NEW,
    ),
    ("toml", "a.b", "# b = 'OLD'\na.b = 'OLD' # x\nn = 1\nd = 2026-01-01T00:00:00Z\n", NEW),
    ("toml", "a", 'a = """\nOLD"""\nb = \'\'\'x\'\'\'\nc = {d = [1, "x"], e = true}\n', NEW),
    ("toml", "servers[1].key", '[[servers]]\nkey = "x"\n[[servers]]\n"key" = "OLD"\n[servers.more]\nz = "y"\n', NEW),
    ("ini", "neon.key", "; key = OLD\n[other]\nkey = x\n[neon] ; note\nkey = OLD ; note\n", NEW),
    ("ini", "neon.key", '[neon]\na: 1\n  more\nkey="OLD"\n', NEW),
    ("properties", "neon.api.key", "! neon.api.key=OLD\nneon.api.key : OLD\na=\\\n  b\\u00e9\n", NEW),
    ("properties", "neon.api.key", "a\\ b=1\nneon.api.key OLD\\n\n", NEW),
    ("pairs", "//host/:_authToken", "a=b\n//host/:_authToken=OLD\n", NEW),
]


@pytest.mark.parametrize(("form", "where", "text", "token"), SPOTS)
def test_one_value_is_replaced_and_every_other_byte_stays(form: str, where: str, text: str, token: str) -> None:
    data = text.encode()
    (slot,) = [one for one in slots(data, form) if one.path == path_of(where)]
    assert slot.value.strip() == "OLD"
    after = replaced(data, form, slot, NEW)
    before, _, behind = data[: slot.start], data[slot.start : slot.end], data[slot.end :]
    assert after.startswith(before)
    assert after.endswith(behind)
    written = after[len(before) : len(after) - len(behind)].decode()
    assert token in written
    assert written.replace(NEW, "") == text.encode()[slot.start : slot.end].decode().replace("OLD", "").replace(
        "\\n", ""
    )
    (again,) = [one for one in slots(after, form) if one.path == slot.path]
    assert (again.value, again.line) == (NEW, data.count(b"\n", 0, slot.start) + 1)


@pytest.mark.parametrize(
    ("form", "where", "text", "written"),
    [
        ("json", "a", '{"a": "OLD"}', '{"a": "x\\"\\\\\\u00e9\\ny"}'),
        ("yaml", "a", 'a: "OLD"\n', 'a: "x\\"\\\\é\\ny"\n'),
        ("toml", "a", 'a = "OLD"\n', 'a = "x\\"\\\\é\\ny"\n'),
        ("properties", "a", "a=OLD\n", 'a=x"\\\\\\u00e9\\ny\n'),
    ],
)
def test_a_value_that_needs_escapes_is_written_with_them(form: str, where: str, text: str, written: str) -> None:
    (slot,) = slots(text.encode(), form)
    assert replaced(text.encode(), form, slot, 'x"\\é\ny').decode() == written


@pytest.mark.parametrize(
    ("form", "text", "value", "written"),
    [
        ("shell", 'KEY="OLD"\n', 'a$b"`\\', 'KEY="a\\$b\\"\\`\\\\"\n'),
        ("tfvars", 'k = "OLD"\n', 'a"\\', 'k = "a\\"\\\\"\n'),
        ("yaml", "k: 'OLD'\n", "it's", "k: 'it''s'\n"),
        ("yaml", "k: |\n  OLD\n  two\n", "a\nb", "k: |\n  a\n  b\n"),
        ("yaml", "k: |\r\n  OLD\r\n  two\r\n", "a\nb", "k: |\r\n  a\r\n  b\r\n"),
        ("properties", "k=OLD\n", " a", "k=\\ a\n"),
        ("dotenv", "k='OLD'\n", 'a b#"', "k='a b#\"'\n"),
    ],
)
def test_each_style_writes_what_it_can_hold(form: str, text: str, value: str, written: str) -> None:
    (slot,) = slots(text.encode(), form)
    assert replaced(text.encode(), form, slot, value).decode() == written


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        ("dotenv", "k=OLD\n", "a b"),
        ("dotenv", "k=OLD\\\n", NEW),
        ("dotenv", "k='OLD'\n", "it's"),
        ("dotenv", 'k="OLD"\n', "a$b"),
        ("dotenv", 'k="OLD"\n', "a\nb"),
        ("shell", "k=OLD\n", "a b"),
        ("shell", "k='OLD'\n", "it's"),
        ("shell", 'k="OLD"\n', "a\nb"),
        ("shell", "k=OL'D'\n", NEW),
        ("powershell", '$env:k = "OLD"\n', "a$b"),
        ("powershell", '$env:k = "O`nLD"\n', NEW),
        ("tfvars", 'k = "OLD"\n', "a\nb"),
        ("json", '{"k": "OLD"}', "\ud800"),
        ("yaml", "k: OLD\n", "true"),
        ("yaml", "k: OLD\n", "a: b"),
        ("yaml", "k: 'OLD'\n", "a\nb"),
        ("yaml", 'k: "OLD"\n', "\ud800"),
        ("yaml", "k: >\n  OLD\n", "a\nb"),
        ("toml", "k = 'OLD'\n", "it's"),
        ("toml", 'k = "OLD"\n', "\ud800"),
        ("ini", "[s]\nk = OLD\n", "a;b"),
        ("ini", '[s]\nk = "OLD"\n', 'a"b'),
        ("ini", "[s]\nk = OLD\n  more\n", NEW),
        ("properties", "k=OLD\n", "\ud800"),
    ],
)
def test_what_a_style_cannot_hold_is_refused_without_a_word_of_it(form: str, text: str, value: str) -> None:
    slot = slots(text.encode(), form)[-1]
    with pytest.raises(Refused) as refused:
        replaced(text.encode(), form, slot, value)
    assert refused.value.reason == "file-not-editable"
    assert "OLD" not in refused.value.message + refused.value.remedy
    assert "Nothing was changed" in refused.value.message


@pytest.mark.parametrize(
    ("form", "text", "refers"),
    [
        ("dotenv", "k=${NEON_API_KEY}\n", "${NEON_API_KEY}"),
        ("dotenv", "k=$NEON_API_KEY\n", "$NEON_API_KEY"),
        ("dotenv", "k=$(pass neon)\n", "$(…)"),
        ("dotenv", "k=x`pass neon`\n", "$(…)"),
        ("dotenv", 'k="$(pass neon)"\n', "$(…)"),
        ("dotenv", "k='${A}'\n", "${A}"),
        ("dotenv", "k=op://vault/item/field\n", "op://vault/item/field"),
        ("dotenv", "k=encrypted:BD7H\n", "encrypted:…"),
        ("shell", 'k="$NEON_API_KEY"\n', "$NEON_API_KEY"),
        ("shell", "k=$(security find x)\n", "$(…)"),
        ("shell", "k=${A:-napi_x}\n", "${A}"),
        ("shell", "k=$1\n", "$…"),
        ("powershell", '$env:k = "$(Get-Secret neon)"\n', "$(…)"),
        ("powershell", '$env:k = "$other"\n', "$other"),
        ("tfvars", 'k = "${var.x["a"]} {\\"}"\n', "${var.x}"),
        ("json", '{"k": "${env:NEON_API_KEY}"}', "${env:NEON_API_KEY}"),
        ("json", '{"k": "${input:neon}"}', "${input:neon}"),
        ("json", '{"k": "Bearer ${NEON}"}', "${NEON}"),
        ("json", '{"k": "%NEON%"}', "%NEON%"),
        ("yaml", "k: '{{ .Values.key }}'\n", "{{ …"),
        ("yaml", "k: ${{ secrets.NEON }}\n", "${secrets.NEON}"),
        ("yaml", "k: vault:secret/data/neon#key\n", "vault:secret/data/neon#key"),
        ("yaml", "k: ref+vault://secret/neon\n", "ref+vault://secret/neon"),
        ("yaml", "a: &x 1\nk: *x\n", "*x"),
        ("yaml", "k: !Ref Key\n", "!Ref"),
        ("yaml", "k: !Sub [a, b]\n", "!Sub"),
        ("yaml", "k: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n", "!vault"),
        ("ini", "[s]\nk = %(other)s\n", "%(other)s"),
        ("pairs", "//h/:_authToken=${NPM_TOKEN}\n", "${NPM_TOKEN}"),
    ],
)
def test_a_reference_is_named_and_never_overwritten(form: str, text: str, refers: str) -> None:
    slot = slots(text.encode(), form)[-1]
    assert slot.refers == refers
    with pytest.raises(Refused) as refused:
        replaced(text.encode(), form, slot, NEW)
    assert refused.value.reason == "file-not-editable"


@pytest.mark.parametrize(
    ("name", "form"),
    [
        (".env", "dotenv"),
        (".env.production", "dotenv"),
        ("app.env", "dotenv"),
        (".dev.vars", "dotenv"),
        (".zshrc", "shell"),
        ("config.fish", "shell"),
        ("profile.ps1", "powershell"),
        ("prod.tfvars", "tfvars"),
        ("prod.tfvars.json", "json"),
        ("values.YAML", "yaml"),
        ("settings.jsonc", "json"),
        ("config.toml", "toml"),
        ("app.properties", "properties"),
        (".npmrc", "pairs"),
        (".pypirc", "ini"),
        ("README.md", ""),
    ],
)
def test_a_name_tells_the_format(name: str, form: str) -> None:
    assert format_of(PurePath("a", name)) == form
