using CsCheck;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Search;

namespace Engine.Tests.Kernels;

public sealed class TopKHeapTests
{
    [Fact]
    public void Keeps_the_best_in_any_order_of_arrival() =>
        Gen.Select(Gen.Int[-3, 3].Array[0, 200], Gen.Int[0, 210], Gen.Int[0, 1000]).Sample((scores, k, seed) =>
        {
            var keys = scores.Select((score, i) => RankKey.Pack(score, i)).ToArray();
            var expected = keys.Order().Take(k).ToArray();
            new Random(seed).Shuffle(keys);
            var heap = new TopKHeap(new ulong[k]);
            foreach (var key in keys)
            {
                heap.Push(key);
            }

            Assert.Equal(expected, heap.Sort().ToArray());
        });

    [Fact]
    public void Keys_order_as_scores_do_and_give_them_back() =>
        Gen.Select(Gen.Float, Gen.Float, Gen.Int[0, int.MaxValue], Gen.Int[0, int.MaxValue]).Sample((x, y, i, j) =>
        {
            x += 0f;
            y += 0f;
            var expected = float.IsNaN(x) || float.IsNaN(y) ? float.IsNaN(x).CompareTo(float.IsNaN(y)) : y.CompareTo(x);
            expected = expected == 0 ? i.CompareTo(j) : expected;
            Assert.Equal(expected, RankKey.Pack(x, i).CompareTo(RankKey.Pack(y, j)));
            Assert.Equal(i, RankKey.Ordinal(RankKey.Pack(x, i)));
            Assert.Equal(x, RankKey.Score(RankKey.Pack(x, i)));
            Assert.True(RankKey.Pack(x, i) < RankKey.Last);
        });
}
