using System.CommandLine;

namespace Engine.Server.Commands;

/// <summary>query: the answers of the server without a server, from a snapshot on disk.</summary>
internal static class QueryCommand
{
    /// <summary>The verb with its questions.</summary>
    public static Command Create() => new("query", "Ask a snapshot without a server: the same answers by the same code.")
    {
        QueryRecommend.Create(),
        QueryRelated.Create(),
        QueryRankUsers.Create(),
        QueryScore.Create(),
        QueryExplain.Create(),
        QueryAudience.Create(),
        QueryEstimate.Create(),
    };
}
