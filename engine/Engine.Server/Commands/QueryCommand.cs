using System.CommandLine;

namespace Engine.Server.Commands;

/// <summary>query: the answers of the server without a server, from a snapshot on disk.</summary>
internal static class QueryCommand
{
    /// <summary>The verb with its questions.</summary>
    public static Command Create() => new("query", "Query a snapshot without a server. The answers are the same.")
    {
        QueryRecommend.Create(),
        QueryRelated.Create(),
        QueryRankUsers.Create(),
        QueryScore.Create(),
        QueryExplain.Create(),
        QueryAudience.Create(),
        QueryEstimate.Create(),
        QueryRankTagValues.Create(),
        QueryNextOrder.Create(),
    };
}
