"""Has a translator from English translate numbers, and names it has never seen.

    python -m training.measure_copying translator_multi30k_en_de
    python -m training.measure_copying runs/mine/preset --failures

prints how many of a hundred sentences keep all of their names and numbers. The
sentences are `zoo_models.translator.copying`'s; nothing is trained on them.
"""

import click

from rnnzoo.quiet import import_tensorflow_quietly


@click.command(help=__doc__)
@click.argument("preset")
@click.option("--failures", is_flag=True, help="Print each sentence that fails, too.")
def main(preset: str, failures: bool) -> None:
    """Reads the command line, measures and prints."""
    import_tensorflow_quietly()
    from rnnzoo import Translator
    from zoo_models.translator.copying import measure_copying

    try:
        share, pairs = measure_copying(Translator.from_preset(preset))
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"copied {share:.2f} of {len(pairs)} sentences")
    for sentence, translation in pairs if failures else ():
        if not sentence.is_copied(translation):
            click.echo(f"  {sentence.text}\n    {translation}")


if __name__ == "__main__":
    main(prog_name="python -m training.measure_copying")
