using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Engine.Reports;

/// <summary>The sentences of a verdict in the reader's language, from their phrases and values.</summary>
internal static class VerdictWords
{
    /// <summary>One sentence.</summary>
    /// <param name="sentence">An element of the report's verdict.</param>
    /// <param name="say">A phrase in the reader's language.</param>
    public static string Of(JsonNode sentence, Func<string, string> say)
    {
        var reasons = sentence["because"]!.AsArray()
            .Select(reason => Filled(
                say((string)reason!["phrase"]!), [.. reason["values"]!.AsArray().Select(value => ValueOf(value!))]))
            .Aggregate((first, next) => Filled(say("{0}; {1}"), first, next));
        var frame = (bool)sentence["trust"]!
            ? say("Trust it for {0}, because {1}.")
            : say("Do not use it for {0}, because {1}.");
        return Filled(frame, say((string)sentence["use"]!), reasons);
    }

    private static object ValueOf(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Number => value.GetValue<double>(),
        _ => value.GetValue<string>(),
    };

    private static string Filled(string phrase, params object[] values) =>
        string.Format(CultureInfo.InvariantCulture, phrase, values);
}
