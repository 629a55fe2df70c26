"""The training loop: one `for`, with everything it does in view, that yields its progress after every step.

It runs on one CPU, one GPU or, under `torchrun`, many of either. Each process takes its share of every batch,
and gradients are averaged, so the result does not depend on the number of processes.
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
from matting.training.trainees import Trainee, freeze_encoder, freeze_norms, is_of_encoder, load_weights


@dataclass(frozen=True)
class TrainingProgress:
    """The progress of a run after `step` steps."""

    step: int
    steps: int
    loss: float
    rate: float
    seconds_left: float
    """Seconds left at the pace so far, measuring and saving included; reliable after about ten steps."""
    score: Score | None = None
    """The score on the held-out pictures, at steps after which it is measured."""


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

    `folder` receives the checkpoint and TensorBoard's log. A run of the same `origin` and settings found there is
    resumed, with the same result as if it had never stopped, bit for bit on a CPU. A finished run yields nothing,
    unless the settings ask for more `steps` than it began with.

    The weights to use are the averaged ones, of the step (0 included) that did best on `held_out`:
    `checkpoint.best_weights(state)`.

    Raises:
        ValueError: settings, weights or data are not fit for training; the loss or the gradient is not finite.
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
            # Not when time is up: the choice of weights must not depend on when that was.
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
    """Take one step, of optimiser and average; (loss, norm of the gradient), both detached."""
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
    """Raise ValueError if a step's loss or gradient is not finite."""
    for what, value in (("loss", loss), ("gradient", norm)):
        if not math.isfinite(value):
            raise ValueError(f"the {what} of step {step} is {value}; lower the rate, {settings.rate}, and start again")


@dataclass(frozen=True)
class Run:
    """The parts of a run that change as it goes."""

    accelerator: Accelerator
    network: nn.Module
    wrapped: nn.Module
    """`network` inside the module that averages gradients between processes."""
    optimiser: torch.optim.Optimizer
    average: AveragedModel
    first: int
    """Number of steps done before."""
    scores: dict[str, Any] = field(default_factory=dict)
    """"before": the score of step 0; "best": the best step, its score and its averaged weights."""
    unrecorded: int = 0
    """Number of these steps done by a version that did not record its dataset."""
    plans: list[int] = field(default_factory=list)
    """The number of steps planned; several numbers if the run was made longer."""

    def judge(self, step: int, score: Score) -> Score:
        """Keep the averaged weights of `step` if they are the best so far."""
        self.scores.setdefault("before", score.numbers)
        best = self.scores.get("best")
        if best is None or score.sad < best["score"]["sad"]:
            average = {name: value.detach().cpu().clone() for name, value in self.average.state_dict().items()}
            self.scores["best"] = {"step": step, "score": score.numbers, "average": average}
        return score

    def state(self, step: int) -> dict[str, Any]:
        """The whole state after `step`, for a checkpoint."""
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
    """A new run from `start`, or the run in `folder`, resumed."""
    state = load_checkpoint(folder, model=trainee.name, settings=settings, origin=origin)
    accelerator = Accelerator(mixed_precision="bf16" if settings.bf16 else "no", step_scheduler_with_optimizer=False)
    torch.manual_seed(settings.seed)
    network = trainee.build()
    if trainee.channels_last:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if start is not None and state is None:
        load_weights(network, start)
    if not settings.encoder_rate:
        freeze_encoder(network)
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
    """Groups for AdamW: the pretrained encoder at a lower rate than the rest; biases and norms without weight decay."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    learning = ((name, parameter) for name, parameter in network.named_parameters() if parameter.requires_grad)
    for name, parameter in learning:
        scale = encoder_rate if is_of_encoder(name) else 1.0
        decay = weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((scale, decay), []).append(parameter)
    return [
        {"params": parameters, "scale": scale, "weight_decay": decay, "lr": rate}
        for (scale, decay), parameters in groups.items()
    ]


def _warming_average(decay: float) -> Any:
    """A moving average that is short at first, so that the first weights do not linger in it."""

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
    """TensorBoard's writer in the main process; None in all others."""
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
