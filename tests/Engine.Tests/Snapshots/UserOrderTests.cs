using Engine.Snapshots.Writing;
using Engine.Tests.Scoring;
using Tests.Shared;

namespace Engine.Tests.Snapshots;

public sealed class UserOrderTests
{
    [Fact]
    public void Users_keep_everything_but_their_number()
    {
        var content = RandomSnapshot.Content(5, users: 60);
        var ordered = UserOrder.ByNorm(content);
        var factors = content.Manifest.FactorCount;
        var norms = Enumerable.Range(0, 60)
            .Select(u => FactorContent.SquaredNorm(ordered.UserFactors.Row(u)[..factors])).ToArray();
        Assert.Equal(norms.OrderDescending(), norms);
        Assert.NotEqual(content.UserIds, ordered.UserIds);
        var ids = content.UserIds.ToList();
        for (var user = 0; user < 60; user++)
        {
            var old = ids.IndexOf(ordered.UserIds[user]);
            Assert.Equal(PlainModel.Purchased(content, old), PlainModel.Purchased(ordered, user));
            for (var product = 0; product < 30; product++)
            {
                Assert.Equal(PlainModel.Score(content, old, product), PlainModel.Score(ordered, user, product));
            }
        }
    }
}
