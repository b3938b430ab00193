using Spectre.Console;

namespace Trainer.Checks;

/// <summary>What a check found, line by line, printed at once.</summary>
internal sealed class CheckReport(IAnsiConsole console)
{
    private readonly List<string> _good = [];
    private readonly List<string> _warnings = [];
    private readonly List<string> _failures = [];

    /// <summary>What is as it should be.</summary>
    public IReadOnlyList<string> Passed => _good;

    /// <summary>What works, and a person should know about it.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Problems to fix before the source can be used.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>Something is as it should be.</summary>
    public void Good(string text)
    {
        _good.Add(text);
        console.MarkupLineInterpolated($"[green]ok[/]       {text}");
    }

    /// <summary>Something works, and a person should know about it.</summary>
    public void Warn(string text)
    {
        _warnings.Add(text);
        console.MarkupLineInterpolated($"[yellow]warning[/]  {text}");
    }

    /// <summary>Something must be fixed; the text says how.</summary>
    public void Fail(string text)
    {
        _failures.Add(text);
        console.MarkupLineInterpolated($"[red]FAILED[/]   {text}");
    }
}
