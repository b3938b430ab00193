using Engine.Kernels.Search;

namespace Engine.Tests.Kernels;

/// <summary>Whole plain searches as one fingerprint.</summary>
internal static class PlainTopKProbe
{
    public static string Run()
    {
        var print = new Fingerprint();
        var scratch = new TopKScratch();
        for (var round = 0; round < 40; round++)
        {
            var trial = SearchTrial.Create(round);
            var best = new ScoredRow[trial.K];
            var count = PlainTopK.Search(trial.Matrix, trial.Query, best, scratch);
            print.Add<ScoredRow>(best.AsSpan(0, count));
        }

        return print.ToString();
    }
}
