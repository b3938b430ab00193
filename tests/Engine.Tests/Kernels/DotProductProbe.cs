using Engine.Kernels.Arithmetic;

namespace Engine.Tests.Kernels;

/// <summary>Scores at every length and every form, as one fingerprint.</summary>
internal static class DotProductProbe
{
    public static string Run()
    {
        var print = new Fingerprint();
        for (var columns = 0; columns <= 200; columns++)
        {
            var matrix = RandomFactors.Create(23, columns, columns);
            var query = RandomFactors.Query(matrix, 1000 + columns);
            var scores = new float[23];
            DotProduct.ScoreRows(query, matrix, 0, scores);
            print.Add<float>(scores);
            print.Add<float>([DotProduct.Score(query.AsSpan(0, columns), matrix[5][..columns])]);
        }

        return print.ToString();
    }
}
