namespace Engine.Kernels.Arithmetic;

/// <summary>What a <see cref="TileKernel"/> does with the tile that is already in memory.</summary>
internal enum TileMode
{
    /// <summary>Overwrites it with the sum of products.</summary>
    Set,

    /// <summary>Adds the finished sum of products to it.</summary>
    Add,

    /// <summary>Starts from it and subtracts product after product.</summary>
    Subtract,
}
