using Engine.Protos.V1;
using Grpc.Core;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Console;

/// <summary>The expected buyers of the audience curve against the probabilities of the ranked users.</summary>
public sealed class ExpectedBuyersTests
{
    // The steepest part of the snapshot's calibration: from 0.25 at 0 to 0.75 at 3.
    private const double Slope = 0.5 / 3;

    [Fact]
    public async Task They_are_the_sum_of_the_probabilities_above_the_threshold()
    {
        await using var engine = await RunningEngine.Start(RandomSnapshot.Content(seed: 3, users: 300));
        var estimate = await engine.Recommender.EstimateAudienceAsync(new EstimateAudienceRequest { ProductId = "P3" });
        var users = new List<ScoredUser>();
        using var ranked = engine.Recommender.RankUsers(new RankUsersRequest { ProductId = "P3", TopK = 300 });
        await foreach (var block in ranked.ResponseStream.ReadAllAsync())
        {
            users.AddRange(block.Users);
        }

        var step = estimate.Curve[1].Threshold - estimate.Curve[0].Threshold;
        var off = Slope * ((2 * step) + (2 * estimate.ScoreError));
        for (var i = 0; i < estimate.Curve.Count; i += 17)
        {
            var point = estimate.Curve[i];
            // Who is within the error of the threshold may be counted or not.
            var sure = users.Where(user => user.Score >= point.Threshold + estimate.ScoreError).ToArray();
            var perhaps = users.Where(user => user.Score >= point.Threshold - estimate.ScoreError).ToArray();
            Assert.InRange(
                point.ExpectedBuyers,
                sure.Sum(user => user.Probability - off),
                perhaps.Sum(user => user.Probability + off) + 1e-9);
        }

        Assert.True(estimate.Curve[0].ExpectedBuyers > 1);
    }
}
