using System.Globalization;
using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Tests.Shared;
using BehaviorType = Engine.Snapshots.Manifest.BehaviorType;

namespace Engine.Tests.Scoring;

/// <summary>The reason of a score names what the user did, as the history has it.</summary>
public sealed class ReasonTests
{
    [Fact]
    public void It_names_the_largest_term_of_the_history_how_often_and_when_last()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(seed: 3);
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        var bought = 0;
        foreach (var user in content.UserIds)
        {
            foreach (var product in content.ProductIds)
            {
                var reply = ExplainCall.Answer(
                    model,
                    new WorkspaceCatalog(folder.Path),
                    new ExplainRequest { UserId = user, ProductId = product },
                    CallClock.Start(TimeProvider.System));
                var terms = reply.Contributions
                    .Where(
                        term => term.Kind is Contribution.Types.Kind.Similarity or Contribution.Types.Kind.OwnHistory
                            && term.Value > 0)
                    .ToArray();
                if (terms.MaxBy(term => term.Value) is not { } largest)
                {
                    Assert.Equal(WithoutHistory(content, user, product, reply), reply.Reason);
                    continue;
                }

                Assert.Equal(
                    Expected(content, user, largest.ProductId.Length > 0 ? largest.ProductId : product), reply.Reason);
                bought += reply.Reason.Contains(" bought ", StringComparison.Ordinal) ? 1 : 0;
            }
        }

        Assert.True(bought > 0);
        var recent = new ExplainRequest { Recent = { new RecentBehavior { ProductId = "P4" } }, ProductId = "P4" };
        Assert.StartsWith(
            "because ",
            ExplainCall.Answer(
                model, new WorkspaceCatalog(folder.Path), recent, CallClock.Start(TimeProvider.System)).Reason,
            StringComparison.Ordinal);
    }

    private static string WithoutHistory(
        Engine.Snapshots.Writing.SnapshotContent content, string user, string product, ExplainReply reply)
    {
        float Of(Contribution.Types.Kind kind) =>
            reply.Contributions.Where(term => term.Kind == kind).Sum(term => term.Value);
        if (Of(Contribution.Types.Kind.Factors) > Math.Max(0, Of(Contribution.Types.Kind.ProductRate)))
        {
            return "because it fits the user's taste as a whole";
        }

        var u = content.UserIds.ToList().IndexOf(user);
        var purchases = Enumerable
            .Range((int)content.History.Offsets[u], (int)(content.History.Offsets[u + 1] - content.History.Offsets[u]))
            .Where(i => content.History.Types[i] == (byte)BehaviorType.Purchase).ToArray();
        var buyers = content.ProductBuyers[content.ProductIds.ToList().IndexOf(product)];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"because {buyers} users bought it in the scope year") + (purchases.Length == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $", and the user bought {purchases.Sum(i => content.History.Counts[i])} units in it, "
            + $"last on {new DateOnly(2020, 8, 1).AddDays(purchases.Max(i => content.History.Days[i])):yyyy-MM-dd}"));
    }

    private static string Expected(Engine.Snapshots.Writing.SnapshotContent content, string user, string product)
    {
        var (u, p) = (content.UserIds.ToList().IndexOf(user), content.ProductIds.ToList().IndexOf(product));
        var events = Enumerable
            .Range((int)content.History.Offsets[u], (int)(content.History.Offsets[u + 1] - content.History.Offsets[u]))
            .Where(i => content.History.Products[i] == p)
            .GroupBy(i => (BehaviorType)content.History.Types[i]).MaxBy(group => group.Key)!;
        var count = events.Sum(i => content.History.Counts[i]);
        var last = new DateOnly(2020, 8, 1).AddDays(events.Max(i => content.History.Days[i]));
        var how = string.Create(
            CultureInfo.InvariantCulture, $"{(count == 1 ? " once" : $" {count} times")}, last on {last:yyyy-MM-dd}");
        var name = content.ProductNames[p];
        return "because the user " + (events.Key switch
        {
            BehaviorType.Purchase => $"bought {name}",
            BehaviorType.Cart => $"put {name} into the cart",
            BehaviorType.Favorite => $"favorited {name}",
            _ => $"viewed {name}",
        }) + how;
    }
}
