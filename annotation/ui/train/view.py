"""A training run as a person sees it: HTML from the files of its job."""

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

from annotation.plurals import counted
from matting.files import encode_image, read_image
from matting.models import short_title
from matting.resize import resize, within
from matting.solving.time_left import duration
from matting.training.jobs.job import Job, Stage, State
from matting.weights.trained import licence_in_words

WORDS = {
    Stage.WAITING: "Waiting for its turn",
    Stage.CHECKING: "Checking",
    Stage.READY: "Checked: have a look, then start",
    Stage.LEARNING: "Learning",
    Stage.FINISHING: "Choosing and measuring",
    Stage.DONE: "Done",
    Stage.CANCELLED: "Cancelled. What was learned so far is kept; go on whenever you like",
    Stage.FAILED: "It could not go on",
    Stage.STOPPED: "Its process ended early. It can go on from its last checkpoint",
}
WIDTH, HEIGHT = 600, 120
"""Width and height of the curve, in its own units."""
SHOWN_DOUBTS, SIDE = 12, 160


def job_html(job: Job, state: State) -> str:
    """All of it, from top to bottom."""
    parts = [_headline(job, state), _estimate(job, state), _doubts(job, state), _curves(state), _picture(job, state)]
    return f'<div class="training">{"".join(parts)}{_result(job, state)}</div>'


def _headline(job: Job, state: State) -> str:
    wish = job.wish()
    is_learning = state.stage == Stage.LEARNING and state.steps > 0
    steps = f" · step {state.step} of {state.steps}" if is_learning else ""
    left = f" · about {duration(state.seconds_left)} left" if is_learning and state.seconds_left else ""
    words = f": {escape(state.words)}" if state.words else ""
    share = 100 * state.step / state.steps if state.steps else 0
    is_busy = state.stage in (Stage.LEARNING, Stage.FINISHING)
    bar = f'<div class="share-bar"><div style="width: {share:.1f}%"></div></div>' if is_busy else ""
    return (
        f"<h3>{escape(wish.title)} <small>{escape(short_title(wish.model))}</small></h3>"
        f'<p class="stage" data-stage="{state.stage}">'
        f"<b>{WORDS[state.stage]}</b>{words}{steps}{left}</p>{bar}"
    )


def _estimate(job: Job, state: State) -> str:
    """What was measured before a person decides."""
    found = state.estimate
    if not found or state.stage in (Stage.DONE, Stage.LEARNING, Stage.FINISHING):
        return ""
    a_step, besides = found["seconds_a_step"], found["seconds_besides"]
    counts = (
        f"{counted(found['pairs'], 'sample')} to learn from, {found['validation_pairs']} to choose by, "
        f"{found['test_pictures']} to test with"
    )
    is_longer = found["minutes"] > 1.05 * job.wish().minutes
    longer = "" if not is_longer else f" Fewer than {found['steps']} steps teach nothing."
    return (
        f"<p>{counts}.<br>One step takes {a_step:.1f} s here, measured just now. {found['steps']} steps, and "
        f"{duration(besides)} to look, choose and measure: about <b>{duration(60 * found['minutes'])}</b>.{longer}</p>"
    )


def _doubts(job: Job, state: State) -> str:
    """Labels that look wrong, with their pictures."""
    if not state.doubts or state.stage in (Stage.DONE, Stage.LEARNING, Stage.FINISHING):
        return ""
    rows = "".join(
        f"<figure>{_tag(job.folder / photo)}{_tag(job.folder / alpha)}<figcaption>{escape(Path(photo).stem)} "
        f"{escape(reason)}</figcaption></figure>"
        for photo, alpha, reason in state.doubts[:SHOWN_DOUBTS]
    )
    rest = len(state.doubts) - SHOWN_DOUBTS
    more = f"<p>and {rest} more</p>" if rest > 0 else ""
    return f"<p><b>{counted(len(state.doubts), 'label')} to look at:</b></p><div class='doubts'>{rows}</div>{more}"


def _tag(path: Path) -> str:
    try:
        picture = read_image(path)
    except (OSError, ValueError):
        return ""
    small = resize(picture, within((picture.shape[0], picture.shape[1]), SIDE))
    return f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(encode_image(small, ".jpg")).decode()}">'


def _curves(state: State) -> str:
    """The course of the loss, and of the error on validation."""
    drawn = [
        _curve(name, colour, points)
        for name, colour, points in (
            ("Loss", "#0d9488", state.losses),
            ("Error on validation (SAD)", "#f59e0b", state.sads),
        )
        if len(points) > 1
    ]
    return f'<div class="curves">{"".join(drawn)}</div>' if drawn else ""


def _curve(name: str, colour: str, points: Sequence[tuple[int, float]]) -> str:
    steps, values = [step for step, _ in points], [value for _, value in points]
    low, span = min(values), (max(values) - min(values)) or 1.0
    first, length = steps[0], (steps[-1] - steps[0]) or 1
    line = " ".join(
        f"{WIDTH * (step - first) / length:.1f},{HEIGHT * (1 - (value - low) / span):.1f}" for step, value in points
    )
    return (
        f'<figure><svg viewBox="-4 -4 {WIDTH + 8} {HEIGHT + 8}" preserveAspectRatio="none" role="img" '
        f'aria-label="{name}"><polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2.5" '
        f'vector-effect="non-scaling-stroke"/></svg><figcaption>{name}: {values[0]:.4g} → {values[-1]:.4g}'
        "</figcaption></figure>"
    )


def _picture(job: Job, state: State) -> str:
    path = job.folder / "picture.jpg"
    if state.stage not in (Stage.LEARNING, Stage.FINISHING) or not path.is_file():
        return ""
    content = base64.b64encode(path.read_bytes()).decode()
    return (
        f'<figure class="now"><img alt="" src="data:image/jpeg;base64,{content}">'
        "<figcaption>Pictures held out: photo, its alpha now, the truth</figcaption></figure>"
    )


def _result(job: Job, state: State) -> str:
    """What came of it, and the proof with its pictures."""
    if state.stage != Stage.DONE:
        return ""
    share = state.card.get("share")
    chosen = "" if share is None else f"<li>{100 * share:g} % of the new weights, the rest of the old ones</li>"
    kept = "<p>Nothing was better than the model there is, so there is nothing new to use.</p>"
    lines = "".join(f"<li>{escape(line)}</li>" for line in state.lines)
    licence = escape(licence_in_words(str(state.card.get("licence", ""))))
    proof = job.weights.with_suffix(".proof.html")
    table = proof.read_text(encoding="utf-8").partition('<table class="proof">') if proof.is_file() else ("", "", "")
    pictures = f"{table[1]}{table[2].partition('</table>')[0]}</table>" if table[2] else ""
    return f"{kept if state.card.get('is_start') else ''}<ul>{chosen}{lines}<li>Licence: {licence}</li></ul>{pictures}"
