using Engine.Tests.Kernels;
using Tests.Shared;

namespace Engine.Tests.Checking;

/// <summary>The known answers of some snapshots, as one fingerprint.</summary>
internal static class KnownAnswersProbe
{
    public static string Run()
    {
        var print = new Fingerprint();
        foreach (var (seed, products, factors) in ((int, int, int)[])[(1, 30, 8), (2, 400, 33), (3, 50, 0)])
        {
            var known = RandomSnapshot.WithKnown(RandomSnapshot.Content(seed, 60, products, factors)).Known!;
            foreach (var answer in known.Answers)
            {
                print.Add<int>(answer.Asked);
                print.Add<int>(answer.Found);
                print.Add<float>(answer.Scores);
            }
        }

        return print.ToString();
    }
}
