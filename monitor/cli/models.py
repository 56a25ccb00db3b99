"""`wardwatch models`: the model store."""

import datetime
import getpass
from pathlib import Path
from typing import Annotated

import typer

from models.store import ModelStore, ModelStoreError
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, answer_table, load_settings, new_app, say
from monitor.failure import Failure
from monitor.model_files import MODELS, open_store
from monitor.signing_keys import make_keys

app = new_app("List, verify and promote trained models.")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="What the model is for, such as user-stage.")]
VersionArgument = Annotated[str, typer.Argument(metavar="VERSION", help="Which training of it.")]
PrivateKeyOption = Annotated[
    Path, typer.Option("--private-key", metavar="FILE", help="Private key to sign with, from `models keygen`.")
]


@app.command("list")
def list_models(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the models of the store, and which version of each is in use.

    Example:
        wardwatch models list
    """
    store = open_store(load_settings(config))
    rows = [row for name in MODELS for row in _rows(store, name)]
    if as_json:
        answer_json(rows)
    else:
        answer_table(rows, "There are no models; train one with `wardwatch train`.")


def _rows(store: ModelStore, name: str) -> list[dict[str, object]]:
    promotion = store.current(name)
    rows: list[dict[str, object]] = []
    for version in store.versions(name):
        manifest = store.manifest(name, version)
        in_use = promotion is not None and promotion.version == version
        rows.append(
            {
                "name": name,
                "version": version,
                "in_use": in_use,
                "kind": manifest.kind,
                "features": len(manifest.features),
                "trained_until": manifest.trained_until,
                "created_at": manifest.created_at,
            }
        )
    return rows


@app.command()
def verify(name: NameArgument, version: VersionArgument, config: ConfigOption = None) -> None:
    """Check a model as a worker does before it uses it: signature, hashes, and the scores of its probe rows.

    Example:
        wardwatch models verify user-stage 20260302T091403
    """
    try:
        _, manifest = open_store(load_settings(config)).load(name, version)
    except ModelStoreError as error:
        raise Failure(str(error)) from None
    say(f"{name} {version} is as it was saved; {len(manifest.probes)} probe rows score the same.")


@app.command()
def promote(
    name: NameArgument, version: VersionArgument, private_key: PrivateKeyOption, config: ConfigOption = None
) -> None:
    """Make a version the one in use. Workers load it when they start.

    Example:
        wardwatch models promote user-stage 20260302T091403 --private-key models.key
    """
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    try:
        promotion = open_store(load_settings(config), private_key).promote(name, version, at=now, by=getpass.getuser())
    except ModelStoreError as error:
        raise Failure(str(error)) from None
    say(f"{promotion.name} {promotion.version} is in use from now on, by {promotion.promoted_by}; restart the workers.")


@app.command()
def keygen(
    private: Annotated[Path, typer.Argument(metavar="PRIVATE", help="File for the private key, for who trains.")],
    public: Annotated[Path, typer.Argument(metavar="PUBLIC", help="File for the public key, for the workers.")],
) -> None:
    """Make a pair of keys: models are signed with the private one and verified with the public one.

    Example:
        wardwatch models keygen models.key models.pub
    """
    make_keys(private, public)
    say(f"Keep {private} where models are trained; set WARDWATCH_MODEL_PUBLIC_KEY={public} for the workers.")
