"""The command line: `python -m matting COMMAND`. Each command is a file of matting/commands."""

import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C while modules load ends the program without a traceback

import typer

from matting.commands.alpha import alpha
from matting.commands.bench import bench
from matting.commands.compare import compare
from matting.commands.curve import curve
from matting.commands.evaluate import evaluate
from matting.commands.export import export
from matting.commands.models import models
from matting.commands.pretrain import pretrain
from matting.commands.train import train
from matting.commands.trimap import trimap
from matting.commands.video import video
from matting.environment.logs import log_options
from matting.environment.terminal import run_program

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Photos in, alphas out.")
app.callback()(log_options)
for command in (models, alpha, trimap, video, evaluate, bench, compare, train, curve, pretrain, export):
    app.command()(command)

if __name__ == "__main__":
    run_program(app)
