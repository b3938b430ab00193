using Engine.Scoring.Comparing;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>A comparison of two snapshots in the terms of the contract.</summary>
internal static class DiffAnswers
{
    /// <summary>Users that are compared when a request says nothing.</summary>
    public const int DefaultUsers = 100_000;

    /// <summary>The figures.</summary>
    public static Proto.DiffSnapshotsReply Of(SnapshotDiff diff, IEnumerable<string> breaches) => new()
    {
        Before = diff.Before,
        After = diff.After,
        ComparedUsers = diff.ComparedUsers,
        SharedUsers = diff.SharedUsers,
        UsersGone = diff.UsersGone,
        UsersNew = diff.UsersAdded,
        ProductsGone = diff.ProductsGone,
        ProductsNew = diff.ProductsAdded,
        GoneProductIds = { diff.GoneIds },
        OverlapAt10 = diff.OverlapAt10,
        OverlapAt50 = diff.OverlapAt50,
        RankCorrelation = diff.RankCorrelation,
        ChangedWholly = diff.ChangedWholly,
        ExposureMoved = diff.ExposureMoved,
        Products = { diff.Products.Select(Of) },
        Categories = { diff.Categories.Select(Of) },
        Audiences =
        {
            diff.Audiences.Select(audience => new Proto.AudienceTurnover
            {
                Audience = audience.Name, Users = audience.Users, Before = audience.Before, After = audience.After,
                Left = audience.Left, Joined = audience.Joined,
            }),
        },
        Coverage = Of(diff.Coverage),
        PopularityShare = Of(diff.PopularityShare),
        Score = Of(diff.Score),
        Probability = Of(diff.Probability),
        Ndcg = Of(diff.Ndcg),
        Recall = Of(diff.Recall),
        Breaches = { breaches },
    };

    private static Proto.FigureChange Of(Change change) => new() { Before = change.Before, After = change.After };

    private static Proto.ExposureMove Of(
        ExposureMove move) => new() { Name = move.Name, Before = move.Before, After = move.After };
}
