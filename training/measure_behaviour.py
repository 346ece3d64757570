"""Puts short sentences to a sentiment classifier and counts what it gets right.

    python -m training.measure_behaviour sentiment_en
    python -m training.measure_behaviour runs/mine/preset --failures
    python -m training.measure_behaviour runs/mine/preset --part all

prints a Markdown table with a row for each kind of sentence: negation, but-clauses,
order and others. Half of the templates are open, to be looked at while one works on a
model; the others are held out, to be looked at when it is finished. Nothing is trained
on either.
"""

import click

from rnnzoo.quiet import import_tensorflow_quietly


@click.command(help=__doc__)
@click.argument("preset")
@click.option(
    "--part",
    type=click.Choice(["open", "held_out", "all"]),
    default="open",
    show_default=True,
)
@click.option("--failures", is_flag=True, help="Print each sentence that fails, too.")
def main(preset: str, part: str, failures: bool) -> None:
    """Reads the command line, measures and prints."""
    import_tensorflow_quietly()
    from rnnzoo import SentimentClassifier
    from zoo_models.sentiment_classifier import behaviour

    try:
        model = SentimentClassifier.from_preset(preset)
        outcomes = behaviour.judge(model, part)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    parts = behaviour.PARTS if part == "all" else (part,)
    results = {
        name: behaviour.count_passed(o for o in outcomes if o.case.part == name)
        for name in parts
    }
    click.echo(behaviour.behaviour_table(results))
    if failures:
        for outcome in outcomes:
            if outcome.is_passed:
                continue
            click.echo(f"\n{outcome.case.kind}")
            for text, answer in zip(outcome.case.texts, outcome.answers, strict=True):
                click.echo(f"  {answer['label']} {answer['score']:.3f}  {text}")


if __name__ == "__main__":
    main(prog_name="python -m training.measure_behaviour")
