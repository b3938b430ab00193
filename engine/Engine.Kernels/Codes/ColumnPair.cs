namespace Engine.Kernels.Codes;

/// <summary>Two coded columns of a query, the unit of work of <see cref="ColumnDots"/>.</summary>
/// <param name="First">Where the first column starts within a block, in bytes.</param>
/// <param name="Second">Where the second starts; any column when its code is 0.</param>
/// <param name="Codes">The query's codes for both, low byte first, in the lower and again in the upper 16 bits.</param>
internal readonly record struct ColumnPair(int First, int Second, int Codes)
{
    /// <summary>Packs two codes of -64..64.</summary>
    public static int Pack(int first, int second) => ((first & 255) | ((second & 255) << 8)) * 0x10001;
}
