using Google.Protobuf;

namespace Engine.Server.Commands;

/// <summary>Replies as JSON, in the form in which the server gives them over HTTP: canonical proto3 JSON (64-bit numbers are texts), every field.</summary>
internal static class JsonOutput
{
    private static readonly JsonFormatter Formatter =
        new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true).WithIndentation());

    /// <summary>Several lines.</summary>
    public static string Format(IMessage message) => Formatter.Format(message);
}
