using Engine.Kernels.Arithmetic;
using Engine.Kernels.Solve;

namespace Engine.Tests.Kernels;

/// <summary>Row solves of many lengths, Gramians, rotations and packed scores, as one fingerprint.</summary>
internal static class RowSolverProbe
{
    public static string Run()
    {
        var print = new Fingerprint();
        var random = new Random(3);
        foreach (var factors in (int[])[7, 32, 40])
        {
            var stride = (factors + 15) & ~15;
            var rows = new float[300 * stride];
            for (var n = 0; n < rows.Length; n++)
            {
                rows[n] = n % stride < factors ? random.NextSingle() - 0.4f : 0;
            }

            var spectrum = Enumerable.Range(0, factors).Select(k => 50.0 / (k + 1)).ToArray();
            var solver = new RowSolver(spectrum, new RowSolverOptions(0.1, 0.01, 1, 300));
            var row = new float[factors];
            foreach (var length in (int[])[1, 3, 8, 9, 17, 31, 40, 41, 48, 65, 200])
            {
                var ordinals = Enumerable.Range(0, length).Select(_ => random.Next(300)).ToArray();
                var weights = ordinals.Select(_ => 2 * random.NextSingle()).ToArray();
                print.Add<double>([solver.Solve(rows, stride, ordinals, weights, row)]);
                print.Add<float>(row);
            }

            foreach (var length in (int[])[1, 4, 9, 16, 18, 31])
            {
                if (RowBatchSolver.Accepts(length, factors))
                {
                    var (solved, losses) = new BatchTrial(factors, length, 8, length).SolveBatch(7);
                    print.Add<float>(solved);
                    print.Add<double>(losses);
                }
            }

            var gram = new double[stride * stride];
            FactorMath.AddGram(rows, stride, gram);
            print.Add<double>(gram);
            var scores = new float[8 * 304];
            new PackedRows(rows, stride).Score(rows.AsSpan(0, 8 * stride), scores);
            print.Add<float>(scores);
            FactorMath.Rotate(rows, stride, [.. gram.Take(stride * stride).Select(x => (float)x)]);
            print.Add<float>(rows);
        }

        return print.ToString();
    }
}
