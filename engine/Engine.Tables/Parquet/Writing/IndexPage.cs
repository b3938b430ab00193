namespace Engine.Tables.Parquet.Writing;

/// <summary>
/// The body of a Parquet data page of dictionary indices: the number of bits, then runs and packed groups (RLE hybrid).
/// </summary>
public static class IndexPage
{
    /// <summary>Reads indices.</summary>
    /// <param name="body">The page behind its header.</param>
    /// <param name="rows">How many.</param>
    /// <param name="indices">Receives them; made longer when it is too short.</param>
    public static void Read(ReadOnlySpan<byte> body, int rows, ref int[] indices)
    {
        if (indices.Length < rows)
        {
            indices = new int[rows];
        }

        var bits = body[0];
        var at = 1;
        for (var row = 0; row < rows;)
        {
            var head = Varint(body, ref at);
            if ((head & 1) == 0)
            {
                var value = 0;
                for (var shift = 0; shift < bits; shift += 8)
                {
                    value |= body[at++] << shift;
                }

                var count = (int)(head >> 1);
                indices.AsSpan(row, count).Fill(value);
                row += count;
            }
            else
            {
                var count = Math.Min(rows - row, (int)(head >> 1) * 8);
                ParquetChunk.ReadPacked(body[at..], indices.AsSpan(row, count), bits);
                at += (int)(head >> 1) * bits;
                row += count;
            }
        }
    }

    private static uint Varint(ReadOnlySpan<byte> body, ref int at)
    {
        var value = 0u;
        for (var shift = 0; ; shift += 7)
        {
            var next = body[at++];
            value |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
