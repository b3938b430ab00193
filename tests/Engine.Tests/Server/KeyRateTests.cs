using Engine.Server.Access;

namespace Engine.Tests.Server;

/// <summary>How many calls a second a key gets.</summary>
public sealed class KeyRateTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(19)]
    [InlineData(20)]
    [InlineData(99)]
    [InlineData(1_999)]
    [InlineData(1_000_000)]
    public void A_key_gets_as_many_calls_a_second_as_its_setting_says(int perSecond)
    {
        var bucket = KeyRates.Bucket(perSecond);
        Assert.Equal(perSecond, bucket.TokenLimit);
        Assert.Equal(perSecond, bucket.TokensPerPeriod / bucket.ReplenishmentPeriod.TotalSeconds, perSecond * 1e-5);
        Assert.True(perSecond < 10 || bucket.ReplenishmentPeriod <= TimeSpan.FromMilliseconds(100));
    }
}
