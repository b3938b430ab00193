using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels.Codes;

/// <summary>Codes a query's columns, orders them by magnitude and cuts them into stages.</summary>
internal static unsafe class QueryCoder
{
    private const double Ulp = 1.0 / (1 << 24);

    /// <summary>Writes codes, pairs and stages.</summary>
    /// <param name="coded">The columns to code; finite.</param>
    /// <param name="memory">Receives them.</param>
    public static QueryCode Code(ReadOnlySpan<float> coded, QueryMemory memory)
    {
        var largest = coded.IsEmpty ? 0 : MathF.Abs(TensorPrimitives.MaxMagnitude(coded));
        if (largest is >= RowCoder.Tiny and < CodedQuery.Largest)
        {
            var (length, residual, scale) = Encode(coded, largest, memory);
            var (pairs, stages) = Arrange(coded.Length, largest, memory);
            return new(largest, length, residual, scale, pairs, stages);
        }

        // A vector too small for a scale is all residual; one too large has no bound.
        double squares = 0;
        foreach (var value in coded)
        {
            squares += (double)value * value;
        }

        memory.Stages[0] = default;
        var norm = Math.Sqrt(squares);
        return new(largest, norm, norm, 0, 0, 1);
    }

    /// <summary>
    /// Writes codes q with u = t q + p. All in fp32, in units of the largest magnitude: y = u / largest is in -1..1 and
    /// off by 2^-23 of itself; y - w q is one fused rounding for the float w; sums of squares have as many roundings as
    /// terms; t = largest w has one. All rounded up.
    /// </summary>
    /// <param name="coded">The columns to code, u; their largest magnitude is a normal float.</param>
    /// <param name="largest">Their largest magnitude.</param>
    /// <param name="memory">Receives y and q, padded by zeros to 64.</param>
    /// <returns>|u| and |p|, rounded up, and t.</returns>
    private static (double Norm, double Residual, float Scale) Encode(
        ReadOnlySpan<float> coded, float largest, QueryMemory memory)
    {
        var padded = QueryMemory.Padded(coded.Length);
        var values = memory.Values;
        coded.CopyTo(new Span<float>(values, coded.Length));
        new Span<float>(values + coded.Length, padded - coded.Length).Clear();
        var inverse = Vector512.Create(1 / largest);
        var squares = Vector512<float>.Zero;
        for (var k = 0; k < padded; k += 16)
        {
            var y = Vector512.Load(values + k) * inverse;
            squares += y * y;
            y.Store(values + k);
        }

        var roundings = 1 + ((coded.Length + 8) * Ulp);
        var norm = Math.Sqrt(Vector512.Sum(squares)) * roundings * (1 + (4 * Ulp));
        // Rounding adds at most half a code a column to |q|; one more for the roundings of the factor.
        var room = (32_767.0 / RowCodes.CodeNorm) - 1 - (0.5 * Math.Sqrt(coded.Length));
        var factor = (float)Math.Clamp(room / norm, 1, CodedQuery.MaxCode);
        var unit = 1 / factor;
        var residuals = Vector512<float>.Zero;
        for (var k = 0; k < padded; k += 64)
        {
            var a = Round(values + k, factor, unit, ref residuals);
            var b = Round(values + k + 16, factor, unit, ref residuals);
            var c = Round(values + k + 32, factor, unit, ref residuals);
            var d = Round(values + k + 48, factor, unit, ref residuals);
            Vector512.Narrow(Vector512.Narrow(a, b), Vector512.Narrow(c, d)).Store(memory.Codes + k);
        }

        var error = Math.Sqrt(Vector512.Sum(residuals)) * roundings;
        return (largest * norm, largest * (error + (8 * Ulp * norm)), largest * unit);
    }

    /// <summary>
    /// Orders the columns by |q| as far as stages need it: stage i ends with the smallest magnitude that leaves it
    /// enough columns. Within a stage columns ascend.
    /// </summary>
    /// <param name="columns">Number of columns.</param>
    /// <param name="largest">Their largest magnitude.</param>
    /// <param name="memory">Holds y and q; receives pairs and stages.</param>
    /// <returns>The number of pairs and of stages; columns whose code is 0 are in none.</returns>
    private static (int Pairs, int Stages) Arrange(int columns, float largest, QueryMemory memory)
    {
        var padded = QueryMemory.Padded(columns);
        var used = Count(memory.Codes, padded, 1);
        var (pairs, stages, sum, placed) = (0, 0, 0, 0);
        for (var above = CodedQuery.MaxCode + 1; placed < used;)
        {
            var wanted = placed + (stages == 0 ? CodedQuery.FirstColumns : CodedQuery.StageColumns);
            var least = Least(memory.Codes, padded, Math.Min(wanted, used));
            double squares = 0;
            var half = -1;
            for (var word = 0; word < padded; word += 64)
            {
                for (var bits = From(memory.Codes + word, least) & ~From(memory.Codes + word, above);
                    bits != 0;
                    bits &= bits - 1)
                {
                    var column = word + BitOperations.TrailingZeroCount(bits);
                    placed++;
                    sum += memory.Codes[column];
                    squares += (double)memory.Values[column] * memory.Values[column];
                    if (half >= 0)
                    {
                        memory.Pairs[pairs++] = Pair(memory.Codes, half, column);
                    }

                    half = half >= 0 ? -1 : column;
                }
            }

            if (half >= 0)
            {
                memory.Pairs[pairs++] = Pair(memory.Codes, half, -1);
            }

            // For now what the stage itself holds, with the roundings of y: it becomes the rest of the stages before.
            memory.Stages[stages++] = new(pairs, (short)(-128 * sum), RowCoder.RoundUp(squares * (1 + (8 * Ulp))));
            above = least;
        }

        if (stages == 0)
        {
            memory.Stages[stages++] = default;
        }

        double rest = 0;
        for (var stage = stages - 1; stage >= 0; stage--)
        {
            var own = memory.Stages[stage].Rest;
            memory.Stages[stage] =
                memory.Stages[stage] with { Rest = rest == 0 ? 0 : RowCoder.RoundUp(largest * Math.Sqrt(rest)) };
            rest += own;
        }

        return (pairs, stages);
    }

    /// <summary>The largest magnitude that at least <paramref name="wanted"/> codes reach, 1 at least.</summary>
    private static int Least(sbyte* codes, int padded, int wanted)
    {
        var least = 1;
        for (var step = CodedQuery.MaxCode / 2; step > 0; step /= 2)
        {
            least += Count(codes, padded, least + step) >= wanted ? step : 0;
        }

        return least;
    }

    private static int Count(sbyte* codes, int padded, int least)
    {
        var count = 0;
        for (var word = 0; word < padded; word += 64)
        {
            count += BitOperations.PopCount(From(codes + word, least));
        }

        return count;
    }

    /// <summary>The columns of 64 whose code's magnitude is <paramref name="least"/> or more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong From(sbyte* codes, int least) =>
        Vector512.GreaterThanOrEqual(Vector512.Abs(Vector512.Load(codes)), Vector512.Create((sbyte)least))
            .ExtractMostSignificantBits();

    private static ColumnPair Pair(sbyte* codes, int first, int second) => second < 0
        ? new(first * RowCodes.BlockRows, first * RowCodes.BlockRows, ColumnPair.Pack(codes[first], 0))
        : new(first * RowCodes.BlockRows, second * RowCodes.BlockRows, ColumnPair.Pack(codes[first], codes[second]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Round(float* y, float factor, float unit, ref Vector512<float> residuals)
    {
        var value = Vector512.Load(y);
        var rounded = Vector512.Round(value * Vector512.Create(factor));
        var residual = Vector512.FusedMultiplyAdd(rounded, Vector512.Create(-unit), value);
        residuals += residual * residual;
        return Vector512.ConvertToInt32Native(rounded);
    }
}
