using Spectre.Console;

namespace Trainer.Checks;

/// <summary>What a check found, line by line, printed at once.</summary>
internal sealed class CheckReport(IAnsiConsole console)
{
    /// <summary>Problems to fix before the source can be used.</summary>
    public int Failures { get; private set; }

    /// <summary>Something is as it should be.</summary>
    public void Good(string text) => console.MarkupLineInterpolated($"[green]ok[/]       {text}");

    /// <summary>Something works, and a person should know about it.</summary>
    public void Warn(string text) => console.MarkupLineInterpolated($"[yellow]warning[/]  {text}");

    /// <summary>Something must be fixed; the text says how.</summary>
    public void Fail(string text)
    {
        Failures++;
        console.MarkupLineInterpolated($"[red]FAILED[/]   {text}");
    }
}
