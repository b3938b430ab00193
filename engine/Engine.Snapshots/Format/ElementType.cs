namespace Engine.Snapshots.Format;

/// <summary>What one element of a section is. The numbers are in files: never reuse one.</summary>
public enum ElementType : ushort
{
    /// <summary>Unsigned 8-bit integer, or bytes of a structure of their own.</summary>
    UInt8 = 1,

    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16 = 2,

    /// <summary>Signed 32-bit integer.</summary>
    Int32 = 3,

    /// <summary>Signed 64-bit integer.</summary>
    Int64 = 4,

    /// <summary>IEEE 754 binary32.</summary>
    Float32 = 5,

    /// <summary>IEEE 754 binary64.</summary>
    Float64 = 6,
}

/// <summary>Facts about element types.</summary>
public static class ElementTypes
{
    /// <summary>Bytes of one element; 0 for a type that this version does not know.</summary>
    public static int Size(ElementType type) => type switch
    {
        ElementType.UInt8 => 1,
        ElementType.UInt16 => 2,
        ElementType.Int32 or ElementType.Float32 => 4,
        ElementType.Int64 or ElementType.Float64 => 8,
        _ => 0,
    };

    /// <summary>The element type that holds <typeparamref name="T"/>.</summary>
    internal static ElementType Of<T>()
        where T : unmanaged => default(T) switch
        {
            byte => ElementType.UInt8,
            ushort => ElementType.UInt16,
            int => ElementType.Int32,
            long => ElementType.Int64,
            float => ElementType.Float32,
            double => ElementType.Float64,
            _ => throw new NotSupportedException($"no section holds elements of type {typeof(T)}"),
        };
}
