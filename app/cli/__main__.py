"""`python -m app.cli`: the qman command."""

from argparse import ArgumentParser

from app.cli.backup import add_backup, add_restore
from app.cli.docker import add_docker
from app.cli.docker_proxy import add_docker_proxy
from app.cli.doctor import add_doctor
from app.cli.enrol import add_enrol
from app.cli.keys import add_keys
from app.cli.openapi import add_openapi


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; gives the exit status."""
    parser = ArgumentParser(prog="qman", description="Quota manager for shared Linux servers.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add_backup(commands.add_parser("backup", help="write the database into a file, while servers run"))
    add_docker(commands.add_parser("docker", help="say who fills Docker's store on this host, and whose things are"))
    add_docker_proxy(commands.add_parser("docker-proxy", help="stand before Docker's socket and know who creates what"))
    add_doctor(commands.add_parser("doctor", help="say what is wrong with this host's quotas, and what mends it"))
    add_enrol(commands.add_parser("enrol", help="get this host its keys, with a one-time code from the dashboard"))
    add_keys(commands.add_parser("keys", help="list and change the keys between this master and its hosts"))
    add_openapi(commands.add_parser("openapi", help="print the OpenAPI document of a role, generated from the code"))
    add_restore(commands.add_parser("restore", help="put a backup into the database"))
    options = parser.parse_args(arguments)
    status: int = options.run(options)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
