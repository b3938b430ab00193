namespace Engine.Server.Workspaces;

/// <summary>
/// Writes to the log when a problem of what a workspace stores begins and when it ends, once each: whoever reads the
/// log alone must not miss what GET /health says.
/// </summary>
internal sealed partial class ToldProblems(ILogger logger)
{
    // Of a folder in which every file is damaged, some are enough.
    private const int AtOnce = 20;

    private HashSet<string> _told = [];

    /// <summary>Compares with the last time.</summary>
    /// <param name="problems">All that are there now, a sentence each.</param>
    public void Tell(IEnumerable<string> problems)
    {
        var now = problems.ToHashSet(StringComparer.Ordinal);
        Each(now.Except(_told), LogBegan);
        Each(_told.Except(now), LogEnded);
        _told = now;
    }

    private static void Each(IEnumerable<string> some, Action<string> log)
    {
        var all = some.Order(StringComparer.Ordinal).ToArray();
        foreach (var problem in all.Take(AtOnce))
        {
            log(problem);
        }

        if (all.Length > AtOnce)
        {
            log($"{all.Length - AtOnce} more of this kind");
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Problem}")]
    private partial void LogBegan(string problem);

    [LoggerMessage(LogLevel.Information, "no longer a problem: {Problem}")]
    private partial void LogEnded(string problem);
}
