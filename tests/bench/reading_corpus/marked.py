"""Web pages and Markdown: breaks, lists, code, tables with check marks, questions, tags of templates."""

from __future__ import annotations

from tests.bench.reading_corpus import File

# ruff: noqa: E501
_PAGE = """<!doctype html><html><head><title>Kiln manual</title></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/a">About</a></li></ul></nav><article><h1>Kiln manual</h1>
<p>The kiln is fed with pine
by the potters of the valley.<br>It burns for nine days without a rest<sup><a href="#n1">1</a></sup>.</p>
<h2>Before you begin</h2><p>You need:</p><ul><li>a map</li><li>dry wood<ul><li>pine</li></ul></li></ul>
<p>The floor has 12 m<sup>2</sup>. Light the fire with this command:</p>
<pre><code>$ kiln light --now
It burns. Good</code></pre><p>Nobody sleeps then, for the fire must not go out.</p>
<details><summary>Can I use oak?</summary><p>No, oak burns too long.</p></details>
<dl><dt>Who owns the kiln?</dt><dd>The village owns it.</dd></dl></article><footer>Copyright 2020 The village</footer></body></html>
"""
_PAGE_WANTED = """
# Kiln manual
The kiln is fed with pine by the potters of the valley.
It burns for nine days without a rest.
# Before you begin
You need: - a map - dry wood - pine
The floor has 12 m².
Light the fire with this command: $ kiln light --now It burns. Good
Nobody sleeps then, for the fire must not go out.
# Can I use oak?
No, oak burns too long.
# Who owns the kiln?
The village owns it.
"""
_PLANS = """<html><head><title>Plans</title></head><body><main><h1>Plans of the harbour</h1>
<p>There are two plans, and both may be ended at the end of a month.</p>
<table><thead><tr><th>Feature</th><th>Free</th><th>Pro</th></tr></thead>
<tr><td>Export</td><td></td><td><i class="fa fa-check"></i></td></tr>
<tr><td rowspan="2">Import<br>of files</td><td>&#10003;</td><td><img src="y.png" alt="yes"></td></tr><tr><td>no</td><td></td></tr>
<tr><td>Price</td><td colspan="2">5 marks</td></tr></table>
<p>Prices are those of May.</p></main></body></html>
"""
_PLANS_WANTED = """
# Plans of the harbour
There are two plans, and both may be ended at the end of a month.
| Feature | Free | Pro
| Feature: Export | Free: | Pro: ✓
| Feature: Import of files | Free: ✓ | Pro: yes
| Feature: Import of files | Free: no | Pro:
| Feature: Price | Free: 5 marks | Pro: 5 marks
Prices are those of May.
"""
_VERSE = """<html><head><title>The Ferry</title></head><body><article><h2>The Ferry</h2>
<p>The rope is old,<br>The rope is grey;<br>It holds the ferry<br>Every day.</p>
<p>“But, lo! after the rain,” said he, “there stood the ship.” And so it was.</p></article></body></html>
"""
_VERSE_WANTED = """
# The Ferry
The rope is old, The rope is grey; It holds the ferry Every day.
“But, lo! after the rain,” said he, “there stood the ship.”
And so it was.
"""
_LEAVE = """---
title: Leave
---
{% alert %}
See the [comparison]({% page "leave/chart/" %}) first.
{% endalert %}

## Reasons

For general uses you can take:

- Annual leave
- Award leave

For sick leave, ask your supervisor,
e.g. by mail.<br>Then wait.[^1]

1. You write a request. It has a date.
2. You get an answer.

### Use or lose

You may carry over 240 hours.  The rest is lost.

[^1]: Most wait a day.
"""
_LEAVE_WANTED = """
See the comparison first.
# Reasons
For general uses you can take: - Annual leave - Award leave
For sick leave, ask your supervisor, e.g. by mail.
Then wait.
You write a request.
It has a date.
You get an answer.
# Use or lose
You may carry over 240 hours.
The rest is lost.
Most wait a day.
"""
_HELP = """# Help

**How do I light it?**

Run:

```
kiln light --now

It burns. Good
```

**Where is the log?**

It is in `kiln.log`. Read node.js. too, or ./main.

| Flag | Meaning | Default |
|------|---------|:-------:|
| `--now` | at once | ✗ |
| `--dry` | only<br>pine | |

**Note:** it is old.
"""
_HELP_WANTED = """
# Help
# How do I light it?
Run: kiln light --now It burns. Good
# Where is the log?
It is in kiln.log.
Read node.js. too, or ./main.
| Flag | Meaning | Default
| Flag: --now | Meaning: at once | Default: ✗
| Flag: --dry | Meaning: only pine | Default:
Note: it is old.
"""
_MINUTES = """# Minutes

Date: 14 August

## Pier

Jane: The pier is old. Who mends it?

Piet: The town does, cf. the minutes of May.

- Decided: the town mends the pier by Oct. 3.
- Open: who pays?
"""
_MINUTES_WANTED = """
# Minutes
Date: 14 August
# Pier
Jane: The pier is old.
Who mends it?
Piet: The town does, cf. the minutes of May.
Decided: the town mends the pier by Oct. 3.
Open: who pays?
"""


def files() -> list[File]:
    """Return the files and what is to be read of each."""
    made = [
        ("manual.html", _PAGE, _PAGE_WANTED),
        ("plans.html", _PLANS, _PLANS_WANTED),
        ("verse.html", _VERSE, _VERSE_WANTED),
        ("leave.md", _LEAVE, _LEAVE_WANTED),
        ("help.md", _HELP, _HELP_WANTED),
        ("minutes.md", _MINUTES, _MINUTES_WANTED),
    ]
    return [File(name, text.encode(), wanted) for name, text, wanted in made]
