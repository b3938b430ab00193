using CsCheck;
using Engine.Kernels.Arithmetic;

namespace Engine.Tests.Kernels;

public sealed class KthLargestTests
{
    [Fact]
    public void Selects_as_sorting_does()
    {
        Gen.Select(
            Gen.OneOf(Gen.Single[-2, 2], Gen.Single[-1e30f, 1e30f], Gen.Const(0.5f)).Array[1, 300], Gen.Int[0, 299])
            .Sample((values, place) =>
        {
            var counts = new int[KthLargest.Counts];
            // A negative zero is no score.
            values = [.. values.Select(value => value + 0f)];
            var k = 1 + (place % values.Length);
            Assert.Equal(values.OrderDescending().ElementAt(k - 1), KthLargest.Find(values, k, counts));
        });
    }
}
