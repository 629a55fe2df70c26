"""The command line: `python -m annotation COMMAND`. Each command is a file of annotation/commands.

Bad input is one line on stderr and status 1.
"""

import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C while modules load ends the program without a traceback

import typer

from annotation.commands.backup import backup, restore
from annotation.commands.copies import copies
from annotation.commands.export import export
from annotation.commands.gc import gc
from annotation.commands.import_pictures import import_pictures
from annotation.commands.list_samples import list_samples
from annotation.commands.push import push
from annotation.commands.suggest import suggestions
from annotation.commands.tag import tag
from annotation.commands.verify import verify
from matting.environment.logs import log_options
from matting.environment.terminal import run_program

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The growing dataset: import, export and check it.")
app.callback()(log_options)
app.command("list")(list_samples)
app.command("import")(import_pictures)
app.command("suggest")(suggestions)
for command in (tag, copies, export, push, verify, gc, backup, restore):
    app.command()(command)

if __name__ == "__main__":
    run_program(app)
