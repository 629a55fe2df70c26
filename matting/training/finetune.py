"""The training loop: one `for`, everything it does in view, a progress record out of every step.

On one CPU, one GPU or, under `accelerate launch`, many of either: each process takes its share of every batch and the
gradients are averaged, so that the result does not depend on how many there are.
"""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from matting.training.checkpoint import NOWHERE, load_checkpoint, save_checkpoint
from matting.training.crops import CropSource, Picture
from matting.training.loader import batches
from matting.training.origin import Origin
from matting.training.results.measure import Score, measure
from matting.training.settings import Settings
from matting.training.trainees import Trainee, freeze_norms, load_weights


@dataclass(frozen=True)
class TrainingProgress:
    """Where a run stands after `step` steps."""

    step: int
    steps: int
    loss: float
    rate: float
    seconds_left: float
    """What is left at the pace so far, measuring and saving included; honest after some ten steps."""
    score: Score | None = None
    """On the held-out pictures, at the steps that measure."""


def finetune(
    trainee: Trainee,
    source: CropSource,
    settings: Settings,
    *,
    folder: Path,
    held_out: Sequence[Picture] = (),
    start: Path | None = None,
    origin: Origin = NOWHERE,
) -> Iterator[TrainingProgress]:
    """Train `trainee` on `source`, from the weights in `start` if given, and yield after every step.

    `folder` receives the checkpoint and TensorBoard's log; a run of the same `origin` and settings found there goes on
    where it stopped, to the same result, bit for bit on a CPU, as if it had not; one that is finished yields nothing,
    unless more `steps` are asked for than it was begun with.
    The averaged weights are those to use, of the step at which `held_out` found them best, step 0 among them:
    `checkpoint.best_weights(state)`.

    Raises:
        ValueError: settings, weights or data that cannot be trained with; the loss or the gradient is not finite.
        OSError: a checkpoint could not be written.
    """
    run = _begin(trainee, settings, folder, start, origin)
    if run.first >= settings.steps:
        return
    accelerator = run.accelerator
    held_out = [trainee.prepared(picture) for picture in held_out]
    if held_out and run.first == 0:
        run.judge(0, measure(run.average.module, trainee, held_out))
    log = _log(folder, is_main=accelerator.is_main_process)
    share = {"rank": accelerator.process_index, "processes": accelerator.num_processes}
    begun = saved = time.monotonic()
    for step, batch in enumerate(batches(source, trainee, settings, first=run.first, **share), start=run.first + 1):
        loss, norm = _learn(run, trainee, settings, batch, step)
        late = loss.new_tensor(time.monotonic() - begun > 60 * settings.minutes)
        value, steepness, is_late = accelerator.reduce(torch.stack([loss, norm, late]), reduction="mean").tolist()
        _check_finite(value, steepness, step, settings)
        is_last, score = is_late > 0 or step == settings.steps, None
        if accelerator.is_main_process:
            # not where time is up: what is chosen must not depend on when that was
            if held_out and (step == settings.steps or step % settings.validate_every == 0):
                score = run.judge(step, measure(run.average.module, trainee, held_out))
            if is_last or time.monotonic() - saved > settings.checkpoint_every:
                save_checkpoint(folder, run.state(step), model=trainee.name, settings=settings, origin=origin)
                saved = time.monotonic()
            _write(log, step, value, score)
        pace = (time.monotonic() - begun) / (step - run.first)
        yield TrainingProgress(
            step, settings.steps, value, settings.rate_at(step - 1), pace * (settings.steps - step), score
        )
        if is_last:
            break
    if log is not None:
        log.close()
    accelerator.wait_for_everyone()


def _learn(run: "Run", trainee: Trainee, settings: Settings, batch: dict[str, Any], step: int) -> tuple[Tensor, Tensor]:
    """One step of the optimiser and of the average: (loss, norm of the gradient), both without their own gradients."""
    for group in run.optimiser.param_groups:
        group["lr"] = settings.rate_at(step - 1) * group["scale"]
    batch = _to(batch, run.accelerator.device)
    with run.accelerator.autocast():
        answers = run.wrapped(**batch["inputs"])
    loss = trainee.loss(answers, batch, settings.losses)
    run.accelerator.backward(loss)
    norm = run.accelerator.clip_grad_norm_(run.wrapped.parameters(), settings.clip)
    run.optimiser.step()
    run.optimiser.zero_grad()
    run.average.update_parameters(run.network)
    return loss.detach(), norm.detach()


def _check_finite(loss: float, norm: float, step: int, settings: Settings) -> None:
    """ValueError if a step's loss or gradient is no number."""
    for what, value in (("loss", loss), ("gradient", norm)):
        if not math.isfinite(value):
            raise ValueError(f"the {what} of step {step} is {value}: lower the rate, {settings.rate}, and begin anew")


@dataclass(frozen=True)
class Run:
    """What a run changes as it goes."""

    accelerator: Accelerator
    network: nn.Module
    wrapped: nn.Module
    """`network`, with whatever shares its gradients between processes around it."""
    optimiser: torch.optim.Optimizer
    average: AveragedModel
    first: int
    """Steps that were done before."""
    scores: dict[str, Any] = field(default_factory=dict)
    """"before": how step 0 did; "best": the step that did best, how, and its averaged weights."""
    unrecorded: int = 0
    """How many of the steps done before were of a version that did not record what it learned from."""
    plans: list[int] = field(default_factory=list)
    """The steps it was to take: more than one number where it was made longer."""

    def judge(self, step: int, score: Score) -> Score:
        """Keep the averaged weights of `step` if none before did better."""
        self.scores.setdefault("before", score.numbers)
        best = self.scores.get("best")
        if best is None or score.sad < best["score"]["sad"]:
            average = {name: value.detach().cpu().clone() for name, value in self.average.state_dict().items()}
            self.scores["best"] = {"step": step, "score": score.numbers, "average": average}
        return score

    def state(self, step: int) -> dict[str, Any]:
        """All of it after `step`, for a checkpoint."""
        return {
            "step": step,
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average": self.average.state_dict(),
            "scores": self.scores,
            "unrecorded": self.unrecorded,
            "plans": self.plans,
        }


def _begin(trainee: Trainee, settings: Settings, folder: Path, start: Path | None, origin: Origin) -> Run:
    """A new run from `start`, or the one in `folder` where it stopped."""
    state = load_checkpoint(folder, model=trainee.name, settings=settings, origin=origin)
    accelerator = Accelerator(mixed_precision="bf16" if settings.bf16 else "no", step_scheduler_with_optimizer=False)
    torch.manual_seed(settings.seed)
    network = trainee.build()
    if trainee.channels_last:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if start is not None and state is None:
        load_weights(network, start)
    rates = {name: getattr(settings, name) for name in ("rate", "encoder_rate", "weight_decay")}
    optimiser = torch.optim.AdamW(parameter_groups(network, **rates), betas=(0.9, 0.99), fused=True)
    average = AveragedModel(network, avg_fn=_warming_average(settings.ema), use_buffers=True).to(accelerator.device)
    if state is not None:
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        average.load_state_dict(state["average"])
    wrapped, optimiser = accelerator.prepare(network, optimiser)
    wrapped.train()
    if settings.freeze_norms:
        freeze_norms(wrapped)
    state = state or {"step": 0, "scores": {}}
    plans, unrecorded = state.get("plans", []), state.get("unrecorded", 0)
    plans = plans if settings.steps in plans else [*plans, settings.steps]
    return Run(
        accelerator, network, wrapped, optimiser, average, int(state["step"]), state["scores"], unrecorded, plans
    )


def parameter_groups(
    network: nn.Module, *, rate: float, encoder_rate: float, weight_decay: float
) -> list[dict[str, Any]]:
    """The encoder, which comes pretrained, at a lower rate than the rest; biases and norms without weight decay."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    learning = ((name, parameter) for name, parameter in network.named_parameters() if parameter.requires_grad)
    for name, parameter in learning:
        scale = encoder_rate if name.startswith(("encoder.", "backbone.")) else 1.0
        decay = weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((scale, decay), []).append(parameter)
    return [
        {"params": parameters, "scale": scale, "weight_decay": decay, "lr": rate}
        for (scale, decay), parameters in groups.items()
    ]


def _warming_average(decay: float) -> Any:
    """An average that starts short, so that the first weights do not linger in it."""

    def average(mean: Tensor, current: Tensor, count: Tensor | int) -> Tensor:
        if not mean.is_floating_point():  # a counter of batch norm
            return current
        n = float(count)
        return torch.lerp(mean, current, 1 - min(decay, (1 + n) / (10 + n)))

    return average


def _to(batch: dict[str, Any], device: torch.device) -> dict[str, Any]:
    return {
        name: _to(value, device) if isinstance(value, dict) else value.to(device, non_blocking=True)
        for name, value in batch.items()
    }


def _log(folder: Path, *, is_main: bool) -> Any:
    """TensorBoard's writer in the main process; None in the others."""
    if not is_main:
        return None
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(folder))


def _write(log: Any, step: int, loss: float, score: Score | None) -> None:
    log.add_scalar("loss", loss, step)
    if score is not None:
        log.add_scalar("held-out/sad", score.sad, step)
        log.add_scalar("held-out/mse", score.mse, step)
        for index, picture in enumerate(score.pictures):
            log.add_image(f"held-out/{index}", picture, step, dataformats="HWC")
        log.flush()
