using Engine.Scoring.Queries;
using Google.Protobuf.Collections;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Answers;

/// <summary>From the terms of the engine to the fields of the contract.</summary>
internal static class ReplyFields
{
    /// <summary>The kept ids that took no part; the caller sets the count of all.</summary>
    public static void Fill(RepeatedField<Proto.Skipped> target, SkippedIds skipped)
    {
        foreach (var id in skipped.Kept)
        {
            target.Add(new Proto.Skipped { Id = id.Id, Reason = ReasonOf(id.Reason) });
        }
    }

    /// <summary>Where scores come from.</summary>
    public static Proto.Source SourceOf(ScoreSource source) => source switch
    {
        ScoreSource.User => Proto.Source.User,
        ScoreSource.Recent => Proto.Source.Recent,
        ScoreSource.UserAndRecent => Proto.Source.UserAndRecent,
        ScoreSource.Popularity => Proto.Source.Popularity,
        _ => Proto.Source.None,
    };

    /// <summary>Why an id took no part.</summary>
    public static Proto.SkipReason ReasonOf(SkipReason reason) => reason switch
    {
        SkipReason.UnknownProduct => Proto.SkipReason.UnknownProduct,
        SkipReason.UnknownUser => Proto.SkipReason.UnknownUser,
        _ => Proto.SkipReason.Duplicate,
    };
}
