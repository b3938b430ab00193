using System.Globalization;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>How tables look, on a terminal and in a pipe.</summary>
internal static class Screen
{
    // A pipe has no width: let tables have what they need.
    private const int PipeWidth = 100_000;

    /// <summary>Standard output.</summary>
    public static IAnsiConsole Create()
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = PipeWidth;
        }

        return AnsiConsole.Console;
    }

    /// <summary>Text of a cell: no markup, and nothing that a terminal obeys.</summary>
    public static string Text(string text) => Markup.Escape(Printable.Of(text));

    /// <summary>A calibrated probability; empty where there is none.</summary>
    public static string Probability(bool isKnown, double probability) =>
        isKnown ? probability.ToString("P2", CultureInfo.InvariantCulture) : "";

    /// <summary>A percentile among the users of a product.</summary>
    public static string Percentile(float percentile) => percentile.ToString("F1", CultureInfo.InvariantCulture);

    /// <summary>A table with the given heads; the first column is text, the others take what they get.</summary>
    public static Table Table(params string[] heads)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var head in heads)
        {
            table.AddColumn(new TableColumn(head));
        }

        return table;
    }
}
