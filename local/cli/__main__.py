"""`./commerce`: run the platform here, test it, show it, and look after it."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from local.cli import output

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The commerce platform, on this machine.",
)

Port = Annotated[int, typer.Option(min=0, max=65535, help="Where the API listens, on 127.0.0.1; 0: any free port.")]
Aws = Annotated[bool, typer.Option("--aws", help="In the AWS account of this shell, not on this machine.")]
Queue = Annotated[str, typer.Argument(help="Its name, or the domain's, such as `analytics`.")]
AnyQueue = Annotated[str | None, typer.Argument(help="All of them, if none is named.")]
ApiUrl = Annotated[str | None, typer.Option(help="Of a deployed platform; without it, the one that runs here.")]
Token = Annotated[str | None, typer.Option(envvar="COMMERCE_TOKEN", help="An access token of one of the staff.")]
Upgrade = Annotated[bool, typer.Option("--upgrade", help="Take the newest versions that pyproject.toml allows.")]


@app.command()
def up(port: Port = 8080) -> None:
    """Run the whole platform until Ctrl-C."""
    from local.cli.up import run

    run(port)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Run all checks and tests; with arguments, pytest alone with those."""
    from local.cli.checks import run

    raise typer.Exit(run(context.args))


@app.command()
def demo() -> None:
    """Place real orders over HTTP, break things on purpose, and check that nothing is lost."""
    from local.cli.demo import run

    raise typer.Exit(run())


Rate = Annotated[list[float], typer.Option(min=0.1, help="Requests a second; once for each rate that is to be tried.")]
Mix = Annotated[str, typer.Option(help="Shares of browse, list, quote, status and order.")]
Duration = Annotated[float, typer.Option(min=1, max=480, help="Seconds of each rate.")]


@app.command()
def load(rate: Rate, mix: Mix = "browse=4,quote=1,order=4,status=1", duration: Duration = 20) -> None:
    """Send requests on a schedule, whatever comes of them; say what was done, and check that nothing was lost."""
    from local.cli.load import run

    raise typer.Exit(run(rate, mix, duration))


Long = Annotated[bool, typer.Option("--long", help="Every index, every schedule, many examples and seeds: hours.")]
Only = Annotated[list[str] | None, typer.Option(help="This one, such as `model`; can be said several times.")]


@app.command()
def prove(long: Long = False, only: Only = None) -> None:
    """Try to break the platform in every way that can be listed, and say what was tried."""
    from local.cli.prove import run

    raise typer.Exit(run(only or [], long=long))


analytics = typer.Typer(no_args_is_help=True, help="What can be done with the figures.")
app.add_typer(analytics, name="analytics")


@analytics.command("rebuild")
def rebuild_figures(api_url: ApiUrl = None, token: Token = None) -> None:
    """Count all figures anew from the archive, beside the live ones, and put them in their place."""
    from local.cli.desk import desk
    from local.cli.figures import rebuild

    rebuild(desk(api_url, token))


@app.command()
def emulate() -> None:
    """Deploy to ministack, an emulator that we did not write, and place orders there."""
    from local.cli.emulate import run

    run()


@app.command()
def privileges() -> None:
    """After the system tests: what roles allow and nobody has used, unless it has a written reason."""
    from local.cli.privileges import run

    raise typer.Exit(run())


@app.command()
def synth() -> None:
    """Synthesise the CloudFormation templates, if their sources have changed."""
    from local.cli.synth import run

    run()


@app.command()
def routes() -> None:
    """Say who may call what: the table that the README holds."""
    from local.cli.routes import run

    run()


@app.command()
def doctor() -> None:
    """Say what this machine has, and what is missing."""
    from local.cli.doctor import run

    raise typer.Exit(run())


dlq = typer.Typer(no_args_is_help=True, help="Dead letters: what could not be handled, and its way home.")
app.add_typer(dlq, name="dlq")


@dlq.command("ls")
def dlq_ls(aws: Aws = False) -> None:
    """List the queues that hold dead letters."""
    from local.cli import dead_letters
    from local.cli.account import account

    dead_letters.ls(account(aws=aws))


@dlq.command("show")
def dlq_show(queue: Queue, aws: Aws = False) -> None:
    """Show what lies in a queue, and leave it there."""
    from local.cli import dead_letters
    from local.cli.account import account

    dead_letters.show(account(aws=aws), queue)


@dlq.command("redrive")
def dlq_redrive(queue: AnyQueue = None, aws: Aws = False) -> None:
    """Send dead letters back to where they came from."""
    from local.cli import dead_letters
    from local.cli.account import account

    raise typer.Exit(dead_letters.redrive(account(aws=aws), queue))


@app.command()
def lock(upgrade: Upgrade = False) -> None:
    """Write the lock files anew from pyproject.toml."""
    from local.cli.locking import run

    run(upgrade=upgrade)


catalog = typer.Typer(no_args_is_help=True, help="The catalogue's read side.")
app.add_typer(catalog, name="catalog")


@catalog.command("rebuild")
def rebuild_catalog(api_url: ApiUrl = None, token: Token = None) -> None:
    """Make it anew from events, while it is read."""
    from local.cli.catalog import rebuild
    from local.cli.desk import desk

    rebuild(desk(api_url, token))


keys = typer.Typer(no_args_is_help=True, help="The keys that sign access tokens.")
app.add_typer(keys, name="keys")
OnAws = Annotated[bool, typer.Option("--aws", help="On the deployed platform that this shell's AWS credentials see.")]


Leaked = Annotated[bool, typer.Option("--leaked", help="Trust no older key any more: everybody is signed out.")]


@keys.command("rotate")
def rotate_keys(leaked: Leaked = False, aws: OnAws = False) -> None:
    """Let a new key sign, from ten minutes on. Tokens by the old one stay good until they expire."""
    from local.cli.keys import run_rotate

    run_rotate(aws=aws, leaked=leaked)


@keys.command("show")
def show_keys(aws: OnAws = False) -> None:
    """Say which keys sign and verify."""
    from local.cli.keys import run_show

    run_show(aws=aws)


mails = typer.Typer(no_args_is_help=True, help="What customers read.")
app.add_typer(mails, name="mails")
Out = Annotated[Path, typer.Option(help="The folder to write them to.")]


@mails.command("preview")
def preview_mails(out: Out = Path(".commerce/mails")) -> None:
    """Write every mail in every language, as HTML and as text."""
    from local.cli.mails import preview

    preview(out)


orders = typer.Typer(no_args_is_help=True, help="Orders that need a person: see them, and have them go on or end.")
app.add_typer(orders, name="orders")
OrderId = Annotated[str, typer.Argument(help="As `orders ls` shows it.")]
Reason = Annotated[str, typer.Option(help="Why; it stands in the order's timeline, with who said it.")]


@orders.command("ls")
def list_orders(
    status: Annotated[str, typer.Option(help="As in the API.")] = "needs_attention",
    api_url: ApiUrl = None,
    token: Token = None,
) -> None:
    """List the orders that need attention, and why."""
    from local.cli.desk import desk
    from local.cli.orders import ls

    ls(desk(api_url, token), status)


@orders.command("retry")
def retry_order(order_id: OrderId, reason: Reason, api_url: ApiUrl = None, token: Token = None) -> None:
    """Start again what waits to be done. Safe at any time: what was done before is found done."""
    from local.cli.desk import desk
    from local.cli.orders import act

    act(desk(api_url, token), "retry", order_id, reason)


@orders.command("compensate")
def compensate_order(order_id: OrderId, reason: Reason, api_url: ApiUrl = None, token: Token = None) -> None:
    """Give all money back, and the goods that have not left. Refused for an order that is well and on its way."""
    from local.cli.desk import desk
    from local.cli.orders import act

    act(desk(api_url, token), "compensate", order_id, reason)


@orders.command("close")
def close_order(order_id: OrderId, reason: Reason, api_url: ApiUrl = None, token: Token = None) -> None:
    """Close an order that you have seen to by hand. Refused while money or stock is held for it."""
    from local.cli.desk import desk
    from local.cli.orders import act

    act(desk(api_url, token), "close", order_id, reason)


def main() -> None:
    """What is expected to go wrong is said in a sentence; a traceback is a fault of ours."""
    try:
        app(prog_name="./commerce")
    except output.Problem as problem:
        output.complain(str(problem))
        sys.exit(1)


if __name__ == "__main__":
    main()
