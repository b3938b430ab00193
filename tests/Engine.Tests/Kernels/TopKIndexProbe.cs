using Engine.Kernels.Search;
using Engine.Kernels.Sparse;

namespace Engine.Tests.Kernels;

/// <summary>Sparse sums, coded searches and curves, each checked against the plain one, as one fingerprint.</summary>
internal static class TopKIndexProbe
{
    public static string Run()
    {
        var print = new Fingerprint();
        for (var seed = 0; seed < 60; seed++)
        {
            print.Add<ScoredRow>(TopKIndexTests.AssertEqualsPlain(seed));
            print.Add<SparseTerm>(SparseSumsTests.AssertEqualsPlain(seed));
            print.Add<long>(ParallelTopKTests.AssertEqualsPlain(seed));
        }

        return print.ToString();
    }
}
