using Engine.Kernels.Arithmetic;

namespace Engine.Tests.Kernels;

public class SplitMix64Tests
{
    [Fact]
    public void The_sequence_of_the_authors_is_reproduced()
    {
        // The first outputs of Vigna's splitmix64.c from the seed 1234567.
        var state = 1234567ul;
        Assert.Equal(
            [
                6457827717110365317ul,
                3203168211198807973ul,
                9817491932198370423ul,
                4593380528125082431ul,
                16408922859458223821ul,
            ],
            Enumerable.Range(0, 5).Select(_ => SplitMix64.Next(ref state)));
        Assert.Equal(6457827717110365317ul, SplitMix64.Hash(1234567));
        Assert.Equal(0ul, SplitMix64.Mix(0));
    }
}
