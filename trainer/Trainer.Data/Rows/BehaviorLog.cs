using Engine.Datasets.Behaviors;
using Engine.Snapshots.Manifest;

namespace Trainer.Data.Rows;

/// <summary>
/// Kept behaviors in columns, <see cref="BytesPerBehavior"/> bytes each, in the order they were read: user and product
/// (int32), day since 1970-01-01 (uint16, to 2149-06-06), kind (2 bits) and count (14 bits). Grows by blocks, so it
/// never holds two copies of itself.
/// </summary>
public sealed class BehaviorLog
{
    /// <summary>The bytes that one behavior takes.</summary>
    public const int BytesPerBehavior = 12;

    /// <summary>The largest count that is kept; larger ones are cut to it.</summary>
    public const int MaxCount = (1 << CountBits) - 1;

    private const int CountBits = 14;
    private const int BlockBits = 20;
    private const int BlockMask = (1 << BlockBits) - 1;

    private readonly List<Block> _blocks = [];

    /// <summary>Day 0.</summary>
    public static DateOnly BaseDay { get; } = new(1970, 1, 1);

    /// <summary>How many behaviors there are.</summary>
    public long Count { get; private set; }

    /// <summary>The bytes that the columns take, the free room in the last block included.</summary>
    public long Bytes => (long)_blocks.Count * (1 << BlockBits) * BytesPerBehavior;

    /// <summary>One behavior; a count of 0 is a purchase that a refund has canceled.</summary>
    public Behavior this[long index]
    {
        get
        {
            var block = _blocks[(int)(index >> BlockBits)];
            var i = (int)(index & BlockMask);
            var packed = block.Packed[i];
            return new Behavior(
                block.Users[i],
                block.Products[i],
                block.Days[i],
                (BehaviorType)((packed >> CountBits) + 1),
                packed & MaxCount);
        }
    }

    /// <summary>How many blocks there are: parts of the log for several threads.</summary>
    public int Blocks => _blocks.Count;

    /// <summary>The place of a block's first behavior, and of the first behind it.</summary>
    public (long First, long End) BlockAt(int block) =>
        ((long)block << BlockBits, Math.Min(Count, (block + 1L) << BlockBits));

    /// <summary>A date as a day number, or -1 when it lies outside 1970-01-01 .. 2149-06-06.</summary>
    public static int Day(DateOnly date) => DayNumber.Of(date);

    /// <summary>The date of a day number.</summary>
    public static DateOnly Date(int day) => BaseDay.AddDays(day);

    /// <summary>Appends one behavior.</summary>
    /// <param name="user">The user's number.</param>
    /// <param name="product">The product's number.</param>
    /// <param name="day">Days since 1970-01-01, 0..65535.</param>
    /// <param name="type">What it is.</param>
    /// <param name="count">1 or more; cut to <see cref="MaxCount"/>.</param>
    internal void Add(int user, int product, int day, BehaviorType type, long count)
    {
        var i = (int)(Count++ & BlockMask);
        if (i == 0)
        {
            _blocks.Add(new Block(1 << BlockBits));
        }

        var block = _blocks[^1];
        block.Users[i] = user;
        block.Products[i] = product;
        block.Days[i] = (ushort)day;
        block.Packed[i] = (ushort)((((int)type - 1) << CountBits) | (int)Math.Min(count, MaxCount));
    }

    /// <summary>Sets the count that refunds leave of a purchase.</summary>
    internal void SetCount(long index, int count)
    {
        ref var packed = ref _blocks[(int)(index >> BlockBits)].Packed[index & BlockMask];
        packed = (ushort)((packed & ~MaxCount) | count);
    }

    private sealed class Block(int size)
    {
        public readonly int[] Users = new int[size];
        public readonly int[] Products = new int[size];
        public readonly ushort[] Days = new ushort[size];
        public readonly ushort[] Packed = new ushort[size];
    }
}

/// <summary>One kept behavior.</summary>
/// <param name="User">Index into <see cref="Dataset.UserIds"/>.</param>
/// <param name="Product">Index into <see cref="ProductCatalog.Ids"/>.</param>
/// <param name="Day">Days since 1970-01-01.</param>
/// <param name="Type">What it is.</param>
/// <param name="Count">How many, net of refunds; 0 = canceled.</param>
public readonly record struct Behavior(int User, int Product, int Day, BehaviorType Type, int Count);
