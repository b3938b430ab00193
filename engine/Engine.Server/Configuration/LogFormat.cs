namespace Engine.Server.Configuration;

/// <summary>How the log is written.</summary>
internal enum LogFormat
{
    /// <summary>A line of text for each event.</summary>
    Line,

    /// <summary>A JSON document for each event, on a line of its own.</summary>
    Json,
}
