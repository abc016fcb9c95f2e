/**
 * The key under which a guard's type, and only that, says which lock it is of: to the type checker, guards of different
 * locks would be the same otherwise.
 */
export declare const guardKind: unique symbol;
