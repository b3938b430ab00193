using System.CommandLine;
using Engine.Snapshots;
using Spectre.Console;

namespace Trainer.Commands;

/// <summary>What a verb says on standard output: text for people, or with <c>--json</c> one document instead.</summary>
internal static class Output
{
    /// <summary><c>--json</c>, of every verb.</summary>
    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Print one JSON document with snake_case names instead of text, of an error too",
        Recursive = true,
    };

    /// <summary>Where tables and lines for people go: standard output, or nowhere with <c>--json</c>.</summary>
    public static IAnsiConsole Screen(this ParseResult parsed) => parsed.GetValue(Json)
        ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) })
        : AnsiConsole.Console;

    /// <summary>Prints the document with <c>--json</c>; the text went to <see cref="Screen"/>.</summary>
    public static void PrintJson<T>(this ParseResult parsed, T document)
    {
        if (parsed.GetValue(Json))
        {
            Console.WriteLine(JsonText.Of(document));
        }
    }

    /// <summary>Prints the document with <c>--json</c>, else the text.</summary>
    public static void Print<T>(this ParseResult parsed, T document, string text) =>
        Console.WriteLine(parsed.GetValue(Json) ? JsonText.Of(document) : text);
}
