"""``vid2vid VERB key=value …``: picks the verb; everything heavy is imported after that."""

import sys

from vid2vid.errors import ConfigError, choose

VERBS = {
    "fetch": "download a sample clip, or list them",
    "prepare": "make a data set ready: render streets, check videos, compute reference flows",
    "doctor": "look at a data set and say what is wrong with it, before it is trained on",
    "train": "train a model",
    "synthesize": "make a video from a video of conditions",
    "styles": "collect what objects look like, for synthesis in many styles",
    "predict": "foresee how a video of label maps goes on, and synthesise it",
    "evaluate": "judge trained models on held-out clips, or videos beside real ones",
    "compare": "make a page on which people choose between models, blinded",
    "tally": "count the votes cast on such a page",
    "import": "turn checkpoints of NVIDIA's vid2vid or pix2pixHD into one of ours",
}

# the setting that a verb also takes by its value alone, as the first argument
BARE = {"fetch": "name"}
# and the one whose texts hold signs that Hydra would take for its own
QUOTED = {"synthesize": "edit"}

USAGE = """\
vid2vid: video-to-video synthesis

usage: vid2vid VERB [key=value ...]

verbs:
{verbs}

Every setting can be overridden as key=value; `vid2vid VERB --help` lists them all.

examples:
  vid2vid fetch dancer
  vid2vid train experiment=street run_dir=runs/street
  vid2vid train -m experiment=street seed=0,1
  vid2vid train data=video data.path=clip.mp4 data.condition=edges
  vid2vid evaluate checkpoint=runs/street/checkpoints/last.ckpt
  vid2vid synthesize checkpoint=runs/street/checkpoints/last.ckpt source=labels.mkv output=out.mp4
"""


def main() -> None:
    """Run the command line; exit status 0 on success, 1 on a crash, 2 on a mistake of the user's."""
    verb, *arguments = sys.argv[1:] or ["--help"]
    if verb in ("-h", "--help"):
        print(usage())  # noqa: T201
        return
    if verb == "--version":
        from vid2vid import __version__

        print(__version__)  # noqa: T201
        return
    try:
        choose(verb, VERBS, "verb")
    except ConfigError as error:
        print(f"vid2vid: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    from vid2vid.cli.app import run

    run(verb, spelt_out(verb, arguments))


def spelt_out(verb: str, arguments: list[str]) -> list[str]:
    """Write settings as Hydra reads them.

    One that is given by its value alone becomes key=value: of ``vid2vid fetch dancer`` it is ``name``. A text that has
    signs of Hydra's in it, such as ``edit=car->road``, is quoted.
    """
    if verb in BARE and arguments and "=" not in arguments[0] and arguments[0][:1].isalnum():
        return [f"{BARE[verb]}={arguments[0]}", *arguments[1:]]
    return [_quoted(argument) if argument.startswith(f"{QUOTED.get(verb)}=") else argument for argument in arguments]


def _quoted(argument: str) -> str:
    key, _, value = argument.partition("=")
    # lists, mappings and texts that are quoted already are Hydra's own
    return argument if not value or value[0] in "[{\"'" or '"' in value else f'{key}="{value}"'


def usage() -> str:
    """Return the text of ``vid2vid --help``."""
    return USAGE.format(verbs="\n".join(f"  {verb:<11} {text}" for verb, text in VERBS.items()))
