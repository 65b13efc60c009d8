"""A new axis, a number axis or a further choice of an axis, from one command:

  python scripts/new_axis.py stochastic_depth none drop --acts-on block      a group with these choices
  python scripts/new_axis.py model.scale --number 1.0 0.1 --acts-on block    a number: its default, one to compare
  python scripts/new_axis.py pos --choice fourier [--like none]              one more choice of an axis

It writes the YAML files, stubs of the classes, their place in the config and in the README's table, and a test
that fails until the stub does something. All or nothing: wrong input is one line, nothing is written (exit 2).
"""

import argparse
import difflib
import keyword
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from axis_texts import (
    Wrong,
    camel,
    hooked,
    module,
    next_steps,
    stub,
    test_of,
    with_default,
    with_row,
    with_word,
    yaml_of,
)

from ablate.config.output import forgiving

ROOT = Path(__file__).resolve().parents[1]
# Where an axis can act -> the hook in conf/model/vit.yaml.
HOOKS = {"block": "branches", "sequence": "sequence"}
BOOLEANS = {"on", "off", "yes", "no", "true", "false", "null", "y", "n"}  # to YAML
Files = dict[str, str]


class Parser(argparse.ArgumentParser):
    """Argument parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"new_axis: {message}; try --help\n")


@forgiving()
def main(argv: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Writes what the command line asks for below `root`; the exit code."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("axis", help="its name: a word, or model.WORD for a number")
    parser.add_argument("choices", nargs="*", help="its choices, the default first")
    parser.add_argument("--acts-on", metavar="HOOK", help="block (what is added to the tokens) or sequence")
    parser.add_argument("--number", nargs="+", metavar="N", help="the default, and one to compare it with")
    parser.add_argument("--choice", metavar="CHOICE", help="one more choice of an axis that exists")
    parser.add_argument("--like", metavar="CHOICE", help="the choice that it starts from (the default one)")
    args = parser.parse_args(argv)
    try:
        if args.choice:
            files, told = further(root, args)
        elif args.number:
            files, told = number(root, args)
        else:
            files, told = group(root, args)
        write(root, files)
    except (Wrong, OSError) as e:
        print(f"new_axis: {e}", file=sys.stderr)
        return 2
    print("\n".join([*(f"wrote {name}" for name in files), told]))
    return 0


def group(root: Path, args: argparse.Namespace) -> tuple[Files, str]:
    """A folder of choices, each a class."""
    axis, choices = args.axis, args.choices
    if args.like:
        raise Wrong("--like goes with --choice only")
    check_axis(root, axis)
    if len(choices) < 2:
        raise Wrong("an axis needs two choices or more; none and a word of yours do, the default first")
    for choice in choices:
        check_name("choice", choice)
    names = {choice: camel(f"no_{axis}" if choice == "none" else choice) for choice in choices}
    classes_wanted = [names[choice] for choice in choices]
    if twice := [name for name in classes_wanted if classes_wanted.count(name) > 1 or name == "Tensor"]:
        raise Wrong(f"{' '.join(choices)}: two things would be the class {twice[0]}; another word does")
    hook = hook_of(args.acts_on)
    test = f"tests/axes/test_{axis}.py"
    classes = [stub(name, args.acts_on, test, does=choice != "none") for choice, name in names.items()]
    files = {f"conf/{axis}/{choice}.yaml": yaml_of(f"ablate.axes.{axis}.{names[choice]}") for choice in choices}
    files[f"ablate/axes/{axis}.py"] = module(args.acts_on, axis, classes)
    files["conf/config.yaml"] = with_default(read(root, "conf/config.yaml"), axis, choices[0])
    files["conf/model/vit.yaml"] = hooked(read(root, "conf/model/vit.yaml"), hook, [f"{axis}: ${{{axis}}}"])
    files["README.md"] = with_row(read(root, "README.md"), f"| `{axis}` | {', '.join(choices)} |")
    files[test] = test_of(axis, axis, choices)
    stubs = ", ".join(name for choice, name in names.items() if choice != "none")
    return new(root, files), next_steps(f"{stubs} in ablate/axes/{axis}.py", test, axis, choices)


def number(root: Path, args: argparse.Namespace) -> tuple[Files, str]:
    """A key of the model, its default, and the class that takes it."""
    prefix, _, axis = args.axis.rpartition(".")
    if prefix != "model":
        raise Wrong(f"{args.axis}: a number stands below model; model.{axis} does")
    if args.choices or args.like:
        raise Wrong("--number stands for itself, without choices")
    check_axis(root, axis)
    for text in args.number:
        if not re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", text):
            raise Wrong(f"--number {text}: no number; 4 or 0.1 does")
    hook, default = hook_of(args.acts_on), args.number[0]
    other = args.number[1] if len(args.number) > 1 else "1" if float(default) == 0 else f"{2 * float(default):g}"
    kind = "int" if all(re.fullmatch(r"-?\d+", text) for text in (default, other)) else "float"
    default, other = (text if kind == "int" or "." in text else repr(float(text)) for text in (default, other))
    if float(default) == float(other):
        raise Wrong(f"--number {default} {other}: the same number; {default} and another one do")
    test, name = f"tests/axes/test_{axis}.py", camel(axis)
    vit = read(root, "conf/model/vit.yaml")
    if "\nnet:" not in vit:
        raise Wrong("conf/model/vit.yaml has no line 'net:' to write before")
    vit = vit.replace("\nnet:", f"\n{axis}: {default}\nnet:", 1)
    part = [f"{axis}:", f"  _target_: ablate.axes.{axis}.{name}", "  _partial_: true"]
    files = {
        f"ablate/axes/{axis}.py": module(args.acts_on, axis, [stub(name, args.acts_on, test, knob=(axis, kind))]),
        "conf/model/vit.yaml": hooked(vit, hook, [*part, f"  {axis}: ${{model.{axis}}}"]),
        "README.md": with_row(read(root, "README.md"), f"| `model.{axis}` | a number; {default} |"),
        test: test_of(axis, f"model.{axis}", [default, other]),
    }
    told = next_steps(f"{name} in ablate/axes/{axis}.py", test, f"model.{axis}", [default, other])
    return new(root, files), told


def further(root: Path, args: argparse.Namespace) -> tuple[Files, str]:
    """One more choice of an axis, which is the default one until it is filled in."""
    axis, choice = args.axis, args.choice
    if args.choices or args.number or args.acts_on:
        raise Wrong("--choice takes the name of an axis and nothing but --like")
    config = read(root, "conf/config.yaml")
    defaults = dict(re.findall(r'^  - (\w+): "?(\w+)"?$', config, re.M))
    axes = [name for name in defaults if is_ours(root, name, defaults[name])]
    if axis not in axes:
        raise Wrong(f"{axis}: no axis with classes in ablate/axes/.{hint(axis, axes)}")
    check_name("choice", choice)
    have = sorted(file.stem for file in (root / "conf" / axis).glob("*.yaml"))
    like = args.like or defaults[axis]
    if choice in have:
        raise Wrong(f"{axis}={choice} exists already; another name than {', '.join(have)} does")
    if like not in have:
        raise Wrong(f"--like {like}: no choice of {axis}.{hint(like, have)}")
    start = read(root, f"conf/{axis}/{like}.yaml")
    source = read(root, f"ablate/axes/{axis}.py")
    base = re.findall(rf"_target_: ablate\.axes\.{axis}\.(\w+)", start)[0]
    name = camel(choice)
    if re.search(rf"\b{name}\b", source):
        raise Wrong(f"choice {choice}: ablate/axes/{axis}.py has a {name} already; another word does")
    test = f"tests/axes/test_{axis}_{choice}.py"
    says = f'"""What it does, and who described it (TODO). It is {like} until {test} passes."""'
    files = {
        f"conf/{axis}/{choice}.yaml": start.replace(f"ablate.axes.{axis}.{base}", f"ablate.axes.{axis}.{name}"),
        f"ablate/axes/{axis}.py": f"{source.rstrip()}\n\n\nclass {name}({base}):\n    {says}\n",
        "README.md": with_word(read(root, "README.md"), axis, choice),
        test: test_of(axis, axis, [like, choice]),
    }
    return new(root, files), next_steps(f"{name} in ablate/axes/{axis}.py", test, axis, [like, choice])


def is_ours(root: Path, axis: str, default: str) -> bool:
    file = root / "conf" / axis / f"{default}.yaml"
    return file.is_file() and f"_target_: ablate.axes.{axis}." in file.read_text(encoding="utf-8")


def check_axis(root: Path, axis: str) -> None:
    """A name that nothing has yet: no group, no key, no module, no method that torch's Sequential would lose."""
    check_name("axis", axis)
    from torch import nn

    config = read(root, "conf/config.yaml") + read(root, "conf/model/vit.yaml")
    places = (f"conf/{axis}", f"ablate/axes/{axis}.py", f"tests/axes/test_{axis}.py")
    taken = [place for place in places if (root / place).exists()]
    if taken or re.search(rf"^ *{axis}:", config, re.M):
        is_group = (root / "conf" / axis).is_dir()
        does = f"{axis} --choice NAME adds a choice to it" if is_group else "another name does"
        raise Wrong(f"{axis} exists already ({taken[0] if taken else 'a key of the config'}); {does}")
    if hasattr(nn.Sequential(), axis) or camel(axis) == "Tensor":
        raise Wrong(f"{axis}: torch's modules have something of that name; {axis}_axis does")


def check_name(what: str, name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise Wrong(f"{what} {name}: no name; lower-case letters, digits and _ do, as in stochastic_depth")
    if name in BOOLEANS:
        raise Wrong(f"{what} {name}: YAML reads it as true, false or null; another word does")


def hook_of(acts_on: str | None) -> str:
    if acts_on not in HOOKS:
        what = "a new axis needs --acts-on" if acts_on is None else f"--acts-on {acts_on}: no such hook"
        raise Wrong(f"{what}; {' or '.join(HOOKS)} does")
    return HOOKS[acts_on]


def hint(word: str, words: list[str]) -> str:
    close = difflib.get_close_matches(word, words, 1, 0.6)
    return (f" Did you mean {close[0]}?" if close else "") + f" There are: {', '.join(words)}."


def read(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")


CHANGED = ("conf/config.yaml", "conf/model/vit.yaml", "README.md")


def new(root: Path, files: Files) -> Files:
    """The files, none of which may be there but those that are changed."""
    for name, text in files.items():
        if name in CHANGED or not (root / name).exists():
            continue
        if not text.startswith(read(root, name).rstrip()):  # a module grows at its end
            raise Wrong(f"{name} exists already; another name does")
    return files


def write(root: Path, files: Files) -> None:
    """All files or none: what was there is put back if one cannot be written."""
    before = {root / name: (root / name).read_bytes() if (root / name).is_file() else None for name in files}
    folders = [p for p in {f.parent for f in before} if not p.exists()]
    try:
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
    except OSError:
        for file, old in before.items():
            if old is not None and file.read_bytes() != old:
                file.write_bytes(old)
            elif old is None:
                file.unlink(missing_ok=True)
        for folder in folders:
            if folder.is_dir():
                folder.rmdir()
        raise


if __name__ == "__main__":
    sys.exit(main())
