using System.CommandLine;
using Google.Protobuf;

namespace Engine.Server.Commands;

/// <summary>
/// Replies as JSON: the documents that the server gives over HTTP (64-bit numbers are texts), every field, with the
/// names of the contract in snake_case, as all of <c>--json</c> has them.
/// </summary>
internal static class JsonOutput
{
    private static readonly JsonFormatter Formatter =
        new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true).WithPreserveProtoFieldNames(true)
            .WithIndentation());

    /// <summary><c>--json</c>.</summary>
    public static Option<bool> Option() => new("--json") { Description = "Print one JSON document instead of text." };

    /// <summary>Several lines.</summary>
    public static string Format(IMessage message) => Formatter.Format(message);
}
